from pages.ui import layout

layout.header("x", "Placeholder until its author saves the page.")

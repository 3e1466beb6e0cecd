"""Where things are on the screen, in Textual's CSS."""

CSS = """
Screen { layout: vertical; }
#fixes, #reading, Ask VerticalScroll { scrollbar-size: 1 1; }
#head { height: 1; background: $panel; color: $foreground; text-wrap: nowrap; text-overflow: ellipsis; }
#body { height: 1fr; layout: horizontal; }
#fixes { width: 36%; min-width: 26; max-width: 60; height: 100%; overflow-x: hidden; padding: 0; }
#reading { width: 1fr; height: 100%; padding: 0 1; border-left: solid $panel; }
#reading { overflow-x: auto; scrollbar-gutter: stable; }
#reading:focus { border-left: solid $accent; }
#above, #below { width: 100%; height: auto; }
#diff { width: auto; height: auto; min-width: 100%; }
#said { height: auto; max-height: 3; background: $panel; padding: 0 1; display: none; }
#search { height: 1; border: none; }

Screen.-narrow #body { layout: vertical; }
Screen.-narrow #fixes { width: 100%; max-width: 100%; height: 40%; }
Screen.-narrow #reading { width: 100%; height: 1fr; border-left: none; border-top: solid $panel; padding: 0; }
Screen.-narrow.-low #fixes { height: 1fr; }
Screen.-narrow.-low #reading { display: none; border: none; }
Screen.-narrow.-low.-reads #reading { display: block; }
Screen.-narrow.-low.-reads #fixes { display: none; }

Ask { align: center middle; }
Ask > .box { width: 90%; max-width: 100; height: auto; max-height: 100%; padding: 0 1; }
Ask > .box { border: round $accent; background: $surface; }
Ask VerticalScroll { height: auto; }
Ask .title { height: 1; }
Ask .buttons { height: 1; align-horizontal: right; margin-top: 1; }
Ask.-low > .box { border: none; width: 100%; }
Ask.-low .buttons { margin-top: 0; }
Ask Button { margin-left: 1; min-width: 8; }
"""

"""How the site writes days and times in English: as its own pages do, 30 Nov 2026, 14:05. Django looks here first."""

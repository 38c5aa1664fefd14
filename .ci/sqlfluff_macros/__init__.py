"""What sqlfluff offers to templates, because `.sqlfluff` names this package as `library_path`.

sqlfluff runs this file again for every file that it reads. A module that it imports is run once.
"""

import sys
from pathlib import Path

if (_beside := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.append(_beside)

from rendered_macros import OFFERED

globals().update(OFFERED)

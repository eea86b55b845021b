"""Python of a transform reads neither the clock nor chance, however it names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.pipelines.clock_checks import check_clocks
from lakehouse.pipelines.model import Proc
from lakehouse.reading.faults import Collector, Fault
from tests.glue_jobs.run_harness import job

READINGS = {
    "import datetime\nx = datetime.datetime.now()": "datetime.datetime.now",
    "from datetime import datetime as D\nx = D.utcnow()": "datetime.datetime.utcnow",
    "import datetime as dt\nx = dt.date.today()": "datetime.date.today",
    "from datetime import date\nx = date.today": "datetime.date.today",
    "import time\nx = time.time()": "time.time",
    "from uuid import uuid4\nx = uuid4()": "uuid.uuid4",
    "import random\nx = random.random()": "random.random",
    "from random import choice\nx = choice([1])": "random.choice",
    "import random\nx = random.Random()": "random.Random",
    "import secrets\nx = secrets.token_hex()": "secrets.token_hex",
    "import numpy as np\nx = np.random.rand(3)": "numpy.random.rand",
    "import pandas as pd\nx = pd.Timestamp.now()": "pandas.Timestamp.now",
    "import os\nx = os.urandom(8)": "os.urandom",
    "from pyspark.sql import functions as F\nx = F.current_timestamp()": (
        "pyspark.sql.functions.current_timestamp"
    ),
    "import pyspark.sql.functions as f\nx = f.rand(7)": "pyspark.sql.functions.rand",
    "from pyspark.sql.functions import current_date as d\nx = d()": "pyspark.sql.functions.current_date",
    "from pyspark.sql import functions as F\nx = F.unix_timestamp()": "pyspark.sql.functions.unix_timestamp",
    "from pyspark.sql import functions as F\nx = F.monotonically_increasing_id()": (
        "pyspark.sql.functions.monotonically_increasing_id"
    ),
    "from pyspark.sql import functions as F\nx = F.expr('now()')": "now",
    "def t(rows):\n    return rows.where('day < current_date()')": "current_date",
    "def t(rows):\n    return rows.selectExpr('uuid() AS id')": "uuid",
    "def t(spark):\n    return spark.sql('SELECT rand() AS x')": "rand",
    "from pyspark.sql import functions as F\nx = F.lit('now').cast('timestamp')": "'now' as a time",
    "from pyspark.sql import functions as F\nx = F.to_date(F.lit(' Today '))": "' Today ' as a time",
    "def t(rows):\n    return rows.where(rows.day < 'today')": "'today' as a time",
    "def t(rows):\n    return rows.where(rows.day.between('2017-01-01', 'today'))": "'today' as a time",
    "def t(rows):\n    return rows.where(\"day >= 'yesterday'\")": "reads the clock by 'yesterday'",
    "def t(rows):\n    return rows.sample(0.1)": "sample without a seed",
    "def t(rows):\n    return rows.randomSplit([0.5, 0.5])[0]": "randomSplit without a seed",
}
SOUND = [
    "import datetime\nx = datetime.datetime(2017, 1, 31)",
    "from datetime import date, timedelta\nx = date.fromisoformat('2017-01-31') + timedelta(days=1)",
    "import random\nx = random.Random(7).random()",
    "import numpy as np\nx = np.random.default_rng(7)",
    "from uuid import UUID, uuid5\nx = uuid5(UUID(int=1), 'a')",
    "import time\nx = time.strptime('2017', '%Y')",
    "from pyspark.sql import functions as F\nx = F.unix_timestamp('ts')",
    "def t(rows):\n    return rows.where('now_at IS NULL')",
    "def now(): ...\nx = now()",
    "now = 'now()'",
    "from pyspark.sql import functions as F\nx = F.lit('today')",
    "def t(rows):\n    return rows.where(rows.name == 'now')",
    "def t(rows):\n    return rows.sample(0.1, seed=7)",
    "def t(rows):\n    return rows.sample(False, 0.1, 7)",
]


def faults_of(root: Path, source: str) -> list[Fault]:
    (root / "t.py").write_text(source)
    proc = Proc("P1", "t", "t.py", 1, 0, 0, "", "Airflow", "", (), file="t.py")
    faults = Collector(root)
    check_clocks([job(procs=(proc,))], faults)
    return faults.faults


@pytest.mark.parametrize("source", READINGS)
def test_a_reading_of_the_clock_or_of_chance_is_a_fault_with_its_line(source: str, tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, source)
    assert (fault.code, fault.file, fault.line) == ("LK343", "t.py", 2)
    assert fault.column > 0
    assert fault.value == READINGS[source]


@pytest.mark.parametrize("source", SOUND)
def test_what_depends_on_its_arguments_alone_is_sound(source: str, tmp_path: Path) -> None:
    assert faults_of(tmp_path, source) == []

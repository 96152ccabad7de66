"""The peers do the job exactly, over every awkward stream and every path they choose between."""

import pytest
from awkward_streams import Case, cases
from hypothesis import HealthCheck, given, settings
from test_parts import awkward_case, follow

from harness.contract import Processor
from implementations.processors.duckdb_sql import DuckdbSql
from implementations.processors.pandas_merge import PandasMerge
from implementations.processors.polars_join import PolarsJoin

WAYS = {
    "pandas": PandasMerge,
    "polars": PolarsJoin,
    "duckdb": DuckdbSql,
}


@pytest.mark.parametrize("make", WAYS.values(), ids=list(WAYS))
def test_awkward_case(make) -> None:
    follow(make(), awkward_case())

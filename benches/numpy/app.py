import json

import work
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        print(json.dumps(work.measure()))

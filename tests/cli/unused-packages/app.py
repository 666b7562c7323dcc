class WitWorld:
    def run(self) -> None:
        pass

class MethodGet:
    pass


class MethodOther:
    value: str

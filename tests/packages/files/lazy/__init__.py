import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules={"filters"}, submod_attrs={"sums": ["total"]})

from package import _speedups

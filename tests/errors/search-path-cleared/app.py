import sys

sys.path.clear()
sys.meta_path.clear()
sys.modules.clear()
1 / 0

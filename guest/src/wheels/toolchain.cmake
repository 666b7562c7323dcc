# CMake for the guest. Read as the toolchain file and again at the end of each `project()`, since CMake's own file about WASI, read
# in between, says that there are no shared libraries.
set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_PROJECT_INCLUDE ${CMAKE_CURRENT_LIST_FILE})
set(CMAKE_C_COMPILER @bin@/wasm32-wasip2-clang)
set(CMAKE_CXX_COMPILER @bin@/wasm32-wasip2-clang++)
set(CMAKE_AR @bin@/wasm32-wasip2-ar CACHE FILEPATH "")
set(CMAKE_RANLIB @bin@/wasm32-wasip2-ranlib CACHE FILEPATH "")
set(CMAKE_STRIP @bin@/wasm32-wasip2-strip CACHE FILEPATH "")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# Libraries and headers of the machine are not for the guest, but its programs run.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
foreach(prefix Python Python3 PYTHON)
    set(${prefix}_EXECUTABLE @python@)
    set(${prefix}_INCLUDE_DIR @headers@)
endforeach()

set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS TRUE)
set(CMAKE_SHARED_LIBRARY_SUFFIX .so)
set(CMAKE_SHARED_MODULE_SUFFIX .so)
foreach(language C CXX)
    set(CMAKE_SHARED_LIBRARY_CREATE_${language}_FLAGS -shared)
    set(CMAKE_SHARED_MODULE_CREATE_${language}_FLAGS -shared)
endforeach()

# Code that is generated while linking would not know the flags for exceptions.
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)

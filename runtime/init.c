// Pre-initialisation: starts the interpreter, imports the application and resolves every symbol. Runs once, while building.
#include "runtime.h"

#include <string.h>

// The stack that recursion in C may use while building, as CPython's patched guard counts it. At run time the stack is
// a host's default one; here it has 64 MiB (`src/preinit/engine.rs`), and some modules in use need this much to
// compile.
#define BUILD_STACK (8 << 20)

static init_result_t outcome;

// Encodes as standard error does: half of a surrogate pair must not lose the whole text.
static string_t copy_text(PyObject *object) {
  PyObject *text = object ? PyObject_Str(object) : NULL;
  PyObject *encoded = text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
  size_t length = encoded ? (size_t)PyBytes_GET_SIZE(encoded) : 0;
  char *copy = encoded ? PyMem_Malloc(length + 1) : NULL;
  if (copy) {
    memcpy(copy, PyBytes_AS_STRING(encoded), length);
  } else {
    PyErr_Clear();
    length = 0;
  }
  Py_XDECREF(encoded);
  Py_XDECREF(text);
  return (string_t){copy ? copy : "", length};
}

static string_t copy_attribute(PyObject *object, const char *name) {
  PyObject *attribute = PyObject_GetAttrString(object, name);
  if (!attribute) {
    PyErr_Clear();
  }
  string_t text = copy_text(attribute);
  Py_XDECREF(attribute);
  return text;
}

static init_result_t *fail_with(failure_kind_t kind, const char *detail) {
  outcome.is_failure = 1;
  outcome.failure.kind = (uint8_t)kind;
  outcome.failure.detail = (string_t){detail, strlen(detail)};
  outcome.failure.module = outcome.failure.name = (string_t){"", 0};
  return &outcome;
}

// Turns the current exception into the failure: boot.py raises `Failure` for the user's mistakes.
static init_result_t *fail_with_exception(void) {
  PyObject *raised = PyErr_GetRaisedException();
  PyObject *kind = raised ? PyObject_GetAttrString(raised, "failure_kind") : NULL;
  outcome.is_failure = 1;
  if (kind) {
    outcome.failure.kind = (uint8_t)PyLong_AsLong(kind);
    outcome.failure.module = copy_attribute(raised, "module");
    outcome.failure.name = copy_attribute(raised, "name");
    outcome.failure.detail = copy_attribute(raised, "detail");
    Py_DECREF(kind);
  } else {
    PyErr_Clear();
    fail_with(FAILURE_INTERNAL, "");
    PyObject *shown = raised ? PyObject_Repr(raised) : NULL;
    outcome.failure.detail = copy_text(shown);
    Py_XDECREF(shown);
    if (raised) {
      PyErr_DisplayException(raised);
    }
  }
  Py_XDECREF(raised);
  return &outcome;
}

// --- The interpreter ---------------------------------------------------------------------------------------------

static PyStatus set_text(PyConfig *config, wchar_t **field, const char *text) {
  return PyConfig_SetBytesString(config, field, text);
}

// The user's directories come later, from boot.py: the interpreter's own start does not search them.
static bool is_ours(string_t path) {
  static const char *const ours[] = {"/bindings", "/python/"};
  for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
    size_t length = strlen(ours[i]);
    if (path.length >= length && memcmp(path.bytes, ours[i], length) == 0) {
      return true;
    }
  }
  return false;
}

static PyStatus add_search_path(PyConfig *config, const strings_t *paths) {
  config->module_search_paths_set = 1;
  PyStatus status = PyStatus_Ok();
  for (size_t i = 0; i < paths->count && !PyStatus_Exception(status); i++) {
    if (!is_ours(paths->items[i])) {
      continue;
    }
    char *text = PyMem_RawMalloc(paths->items[i].length + 1);
    if (!text) {
      return PyStatus_NoMemory();
    }
    memcpy(text, paths->items[i].bytes, paths->items[i].length);
    text[paths->items[i].length] = '\0';
    wchar_t *wide = Py_DecodeLocale(text, NULL);
    PyMem_RawFree(text);
    if (!wide) {
      return PyStatus_NoMemory();
    }
    status = PyWideStringList_Append(&config->module_search_paths, wide);
    PyMem_RawFree(wide);
  }
  return status;
}

static PyStatus start_interpreter(const settings_t *settings) {
  builtins_leave_out_absent();
  PyPreConfig preconfig;
  PyPreConfig_InitIsolatedConfig(&preconfig);
  preconfig.utf8_mode = 1;
  PyStatus status = Py_PreInitialize(&preconfig);
  if (PyStatus_Exception(status)) {
    return status;
  }
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.use_hash_seed = 1;
  config.hash_seed = settings->hash_seed;
  // A host may drop the instance at any time, so nothing waits in a buffer.
  config.buffered_stdio = 0;
  config.write_bytecode = 0;
  config.tracemalloc = settings->measure;
  config.install_signal_handlers = 0;
  status = add_search_path(&config, &settings->search_path);
  // Bytecode beside the sources may come from another build, and contains paths of this machine.
  if (!PyStatus_Exception(status)) {
    status = set_text(&config, &config.pycache_prefix, "/nonexistent");
  }
  const struct {
    wchar_t **field;
    const char *text;
  } texts[] = {
      {&config.program_name, "python3"},    {&config.executable, ""},           {&config.base_executable, ""},
      {&config.prefix, "/python"},          {&config.base_prefix, "/python"},   {&config.exec_prefix, "/python"},
      {&config.base_exec_prefix, "/python"}, {&config.stdlib_dir, "/python"},   {&config.platlibdir, "lib"},
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0] && !PyStatus_Exception(status); i++) {
    status = set_text(&config, texts[i].field, texts[i].text);
  }
  if (!PyStatus_Exception(status)) {
    status = Py_InitializeFromConfig(&config);
  }
  PyConfig_Clear(&config);
  return status;
}

// --- Symbols -----------------------------------------------------------------------------------------------------

static const char *terminated(string_t string) {
  char *copy = PyMem_Malloc(string.length + 1);
  if (!copy) {
    die_of_bug("out of memory while building");
  }
  memcpy(copy, string.bytes, string.length);
  copy[string.length] = '\0';
  return copy;
}

static void load_imports(const symbols_t *symbols) {
  const wit_t *wit = runtime.wit;
  runtime.imports = PyMem_Calloc(wit->num_import_funcs + 1, sizeof(import_t));
  if (!runtime.imports) {
    die_of_bug("out of memory while building");
  }
  for (size_t i = 0; i < wit->num_import_funcs; i++) {
    const import_symbol_t *symbol = &symbols->imports.items[i];
    import_t *import = &runtime.imports[i];
    import->wit = &wit->import_funcs[i];
    import->name = terminated(symbol->name);
    import->available = symbol->available;
    import->constructor = strncmp(import->wit->name, "[constructor]", 13) == 0;
    import->result = type_resolve(import->wit->result);
    import->params = PyMem_Calloc(import->wit->nparams + 1, sizeof(char *));
    import->types = PyMem_Calloc(import->wit->nparams + 1, sizeof(wit_type_t));
    if (!import->params || !import->types) {
      die_of_bug("out of memory while building");
    }
    for (size_t j = 0; j < import->wit->nparams; j++) {
      import->params[j] = terminated(symbol->params.items[j]);
      import->types[j] = type_resolve(import->wit->params[j]);
    }
  }
}

#define TEXT(string) (string).bytes, (Py_ssize_t)(string).length

// [(kind, module, class, method, number of parameters, is async)], for boot.py.
static PyObject *describe_exports(const symbols_t *symbols) {
  PyObject *list = PyList_New(0);
  for (size_t i = 0; list && i < runtime.wit->num_export_funcs; i++) {
    const export_symbol_t *symbol = &symbols->exports.items[i];
    PyObject *item = Py_BuildValue("(is#s#s#nO)", (int)symbol->kind, TEXT(symbol->class.module),
                                   TEXT(symbol->class.name), TEXT(symbol->method), (Py_ssize_t)symbol->params.count,
                                   symbol->is_async ? Py_True : Py_False);
    if (!item || PyList_Append(list, item) < 0) {
      Py_CLEAR(list);
    }
    Py_XDECREF(item);
  }
  return list;
}

// [(module, class)] of the resources that the application implements, None for others; for boot.py.
static PyObject *describe_resources(const symbols_t *symbols) {
  PyObject *list = PyList_New(0);
  for (size_t i = 0; list && i < runtime.wit->num_resources; i++) {
    const resource_symbol_t *symbol = &symbols->resources.items[i];
    PyObject *item = symbol->exported
                         ? Py_BuildValue("(s#s#)", TEXT(symbol->class.module), TEXT(symbol->class.name))
                         : Py_NewRef(Py_None);
    if (!item || PyList_Append(list, item) < 0) {
      Py_CLEAR(list);
    }
    Py_XDECREF(item);
  }
  return list;
}

// [((module, class), (module, class))]: the class by either name, the one of `exports` or `resources` first; for boot.py.
static PyObject *describe_substitutes(const symbols_t *symbols) {
  PyObject *list = PyList_New(0);
  for (size_t i = 0; list && i < symbols->substitutes.count; i++) {
    const substitute_t *symbol = &symbols->substitutes.items[i];
    PyObject *item = Py_BuildValue("((s#s#)(s#s#))", TEXT(symbol->of.module), TEXT(symbol->of.name),
                                   TEXT(symbol->class.module), TEXT(symbol->class.name));
    if (!item || PyList_Append(list, item) < 0) {
      Py_CLEAR(list);
    }
    Py_XDECREF(item);
  }
  return list;
}

PyObject *list_of_texts(const strings_t *strings) {
  PyObject *list = PyList_New(0);
  for (size_t i = 0; list && i < strings->count; i++) {
    PyObject *text = PyUnicode_FromStringAndSize(TEXT(strings->items[i]));
    if (!text || PyList_Append(list, text) < 0) {
      Py_CLEAR(list);
    }
    Py_XDECREF(text);
  }
  return list;
}

// {path of a native extension: [names of modules]}, for bundle.py.
static PyObject *describe_native_imports(const settings_t *settings) {
  PyObject *extensions = PyDict_New();
  for (size_t i = 0; extensions && i < settings->native_imports.count; i++) {
    const native_imports_t *imports = &settings->native_imports.items[i];
    PyObject *modules = list_of_texts(&imports->modules);
    PyObject *path = PyUnicode_FromStringAndSize(TEXT(imports->extension));
    if (!modules || !path || PyDict_SetItem(extensions, path, modules) < 0) {
      Py_CLEAR(extensions);
    }
    Py_XDECREF(path);
    Py_XDECREF(modules);
  }
  return extensions;
}

// Keeps the classes of exported resources that boot.py found.
static int load_exported_classes(PyObject *classes) {
  for (size_t i = 0; i < runtime.wit->num_resources; i++) {
    PyObject *class = PyList_GetItemRef(classes, (Py_ssize_t)i);
    if (!class) {
      return -1;
    }
    if (runtime.resources[i].exported && class != Py_None) {
      runtime.resources[i].class = Py_NewRef(class);
    }
    Py_DECREF(class);
  }
  return 0;
}

// Keeps the callables that boot.py found, in the order of the exports.
static int load_exports(const symbols_t *symbols, PyObject *callables) {
  size_t count = runtime.wit->num_export_funcs;
  runtime.exports = PyMem_Calloc(count + 1, sizeof(export_t));
  if (!runtime.exports) {
    die_of_bug("out of memory while building");
  }
  for (size_t i = 0; i < count; i++) {
    const export_symbol_t *symbol = &symbols->exports.items[i];
    export_t *export = &runtime.exports[i];
    export->wit = &runtime.wit->export_funcs[i];
    export->name = terminated(symbol->name);
    export->result = type_resolve(export->wit->result);
    export->method_of_resource = symbol->kind == EXPORT_METHOD;
    PyObject *callable = PyList_GetItemRef(callables, (Py_ssize_t)i);
    if (!callable) {
      return -1;
    }
    if (export->method_of_resource) {
      PyUnicode_InternInPlace(&callable); // the name of the method
    }
    export->callable = callable;
  }
  return 0;
}

static int find_helpers(void) {
  PyObject *types = PyImport_ImportModule("componentize_py_types");
  if (!types) {
    return -1;
  }
  runtime.some = PyObject_GetAttrString(types, "Some");
  runtime.ok = PyObject_GetAttrString(types, "Ok");
  runtime.err = PyObject_GetAttrString(types, "Err");
  runtime.value = PyUnicode_InternFromString("value");
  runtime.handle = PyUnicode_InternFromString("_handle");
  runtime.init = PyUnicode_InternFromString("__init__");
  Py_DECREF(types);
  return runtime.some && runtime.ok && runtime.err && runtime.value && runtime.handle && runtime.init ? 0 : -1;
}

static int set_search_path(const settings_t *settings) {
  PyObject *path = list_of_texts(&settings->search_path);
  PyObject *installed = list_of_texts(&settings->installed_paths);
  PyObject *native = describe_native_imports(settings);
  PyObject *modules = list_of_texts(&settings->native_modules);
  PyObject *done = path && installed && native && modules
                       ? PyObject_CallMethod(runtime.boot, "search", "s#OOOO", TEXT(settings->app), path, installed,
                                             native, modules)
                       : NULL;
  int status = done ? 0 : -1;
  Py_XDECREF(done);
  Py_XDECREF(modules);
  Py_XDECREF(native);
  Py_XDECREF(installed);
  Py_XDECREF(path);
  return status;
}

static int load_application(const init_parameters_t *parameters) {
  const settings_t *settings = &parameters->settings;
  const symbols_t *symbols = &parameters->symbols;
  runtime.clock = symbols->clock.is_some ? (Py_ssize_t)symbols->clock.value : -1;
  runtime.boot = PyImport_ImportModule("_componentize_py_boot");
  // A world without imports never loads the module that defines the type.
  if (!runtime.boot || find_helpers() < 0 || PyType_Ready(&Handle_Type) < 0 ||
      (runtime.async && runtime.async->load() < 0)) {
    return -1;
  }
  if (settings->measure && measure_start() < 0) {
    return -1;
  }
  // Bindings may lie in packages of the user's. Imports can be called as soon as the application's module runs, so
  // types come first.
  if (set_search_path(settings) < 0 || types_load(symbols) < 0) {
    return -1;
  }
  load_imports(symbols);
  family_load();
  PyObject *exports = describe_exports(symbols);
  PyObject *resources = describe_resources(symbols);
  PyObject *substitutes = describe_substitutes(symbols);
  PyObject *found =
      exports && resources && substitutes
          ? PyObject_CallMethod(runtime.boot, "load", "s#OOO", TEXT(settings->app), exports,
                                resources, substitutes)
          : NULL;
  PyObject *callables, *classes; // borrowed
  int status = -1;
  if (found && PyArg_ParseTuple(found, "OO", &callables, &classes) && load_exports(symbols, callables) == 0) {
    status = load_exported_classes(classes);
  }
  Py_XDECREF(found);
  Py_XDECREF(substitutes);
  Py_XDECREF(resources);
  Py_XDECREF(exports);
  return status;
}

__attribute__((export_name("componentize-py:runtime/init#init"))) init_result_t *
init(const init_parameters_t *parameters) {
  if (PyImport_AppendInittab("componentize_py_runtime", PyInit_componentize_py_runtime) < 0 ||
      (runtime.async && runtime.async->add_modules() < 0)) {
    return fail_with(FAILURE_INTERNAL, "the runtime's module could not be registered");
  }
  PyStatus status = start_interpreter(&parameters->settings);
  if (PyStatus_Exception(status)) {
    return fail_with(FAILURE_INTERNAL, status.err_msg ? status.err_msg : "the interpreter did not start");
  }
  runtime.building = true;
  // With no WASI import left there is nothing to refresh from.
  runtime.refreshed = parameters->settings.stub_wasi;
  PyThreadState *thread = PyThreadState_Get();
  // The guard counts, so the addresses do not matter.
  if (PyUnstable_ThreadState_SetStackProtection(thread, (void *)BUILD_STACK, BUILD_STACK) < 0 ||
      load_application(parameters) < 0 || refresh_before_snapshot(&parameters->settings) < 0) {
    fail_with_exception();
    note_libraries();
    return &outcome;
  }
  PyUnstable_ThreadState_ResetStackProtection(thread);
  runtime.building = false;
  return &outcome;
}

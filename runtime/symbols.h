// The values of `wit/init.wit` as the canonical ABI lays them out in memory. guest/src/contract.rs checks them against
// it.
#ifndef COMPONENTIZE_PY_SYMBOLS_H
#define COMPONENTIZE_PY_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct string {
  const char *bytes; // not terminated
  size_t length;
} string_t;

#define LIST_OF(type) \
  struct {            \
    type *items;      \
    size_t count;     \
  }

typedef struct class_symbol {
  string_t module;
  string_t name;
} class_symbol_t;

typedef LIST_OF(string_t) strings_t;

typedef struct record_symbol {
  class_symbol_t class;
  strings_t fields;
} record_symbol_t;

typedef struct variant_symbol {
  LIST_OF(class_symbol_t) cases;
} variant_symbol_t;

typedef struct members_symbol {
  class_symbol_t class;
  strings_t members;
} members_symbol_t;

typedef struct resource_symbol {
  class_symbol_t class;
  bool exported;
} resource_symbol_t;

typedef struct import_symbol {
  string_t name;
  strings_t params;
  bool available;
} import_symbol_t;

typedef enum export_kind { EXPORT_FUNCTION, EXPORT_CONSTRUCTOR, EXPORT_METHOD, EXPORT_STATIC } export_kind_t;

typedef struct export_symbol {
  string_t name;
  strings_t params;
  uint8_t kind; // export_kind_t
  class_symbol_t class;
  string_t method;
  uint8_t is_async;
} export_symbol_t;

typedef struct substitute {
  class_symbol_t of;
  class_symbol_t class;
} substitute_t;

typedef struct symbols {
  LIST_OF(record_symbol_t) records;
  LIST_OF(variant_symbol_t) variants;
  LIST_OF(members_symbol_t) enums;
  LIST_OF(members_symbol_t) flags;
  LIST_OF(resource_symbol_t) resources;
  LIST_OF(import_symbol_t) imports;
  LIST_OF(export_symbol_t) exports;
  LIST_OF(uint32_t) maps;        // indices into the glue's lists, ascending
  LIST_OF(uint32_t) fixed_lists; // indices into the glue's tuples, ascending
  struct {
    uint8_t is_some;
    uint32_t value;
  } clock; // the import that timers wait with
  LIST_OF(substitute_t) substitutes;
} symbols_t;

typedef struct native_imports {
  string_t extension;
  strings_t modules;
} native_imports_t;

typedef struct settings {
  string_t app;
  strings_t search_path;
  uint32_t hash_seed;
  bool stub_wasi;
  bool measure;
  LIST_OF(native_imports_t) native_imports;
  strings_t native_modules;
  strings_t installed_paths;
  bool whole_stdlib;
  strings_t included_modules;
  bool strip_docstrings;
} settings_t;

// There are more than sixteen flat parameters, so the canonical ABI passes a pointer to them.
typedef struct init_parameters {
  settings_t settings;
  symbols_t symbols;
} init_parameters_t;

typedef enum failure_kind {
  FAILURE_MODULE_NOT_FOUND,
  FAILURE_EXCEPTION,
  FAILURE_MISSING_CLASS,
  FAILURE_MISSING_METHOD,
  FAILURE_INTERNAL,
  FAILURE_TAMPERED,
  FAILURE_WRONG_PARAMETERS,
  FAILURE_WRONG_ASYNC,
  FAILURE_IMPORT_UNAVAILABLE,
  FAILURE_LIBRARY_MISSING,
  FAILURE_APPLICATION_UNUSABLE
} failure_kind_t;

typedef struct failure {
  uint8_t kind; // failure_kind_t
  string_t module;
  string_t name;
  string_t detail;
} failure_t;

typedef struct init_result {
  uint8_t is_failure;
  failure_t failure;
} init_result_t;

typedef enum measured_kind {
  MEASURED_START,
  MEASURED_LOADED,
  MEASURED_CARRIED,
  MEASURED_REST
} measured_kind_t;

typedef struct measured_item {
  uint8_t kind; // measured_kind_t
  string_t name;
  string_t package;
  int64_t bytes;
} measured_item_t;

typedef LIST_OF(measured_item_t) measured_rows_t;

#endif

// The type table: the contents of `wit_t`, with aliases resolved, layouts computed by the rules of the canonical ABI
// (Component Model, "Canonical ABI": alignment, size and discriminant), and the Python classes looked up.
#include "runtime.h"

#include <string.h>

struct runtime runtime;

static uint32_t align_up(uint32_t offset, uint32_t align) { return (offset + align - 1) & ~(align - 1); }

// Also gives "no type" a single name: the glue writes all ones.
wit_type_t type_resolve(wit_type_t type) {
  while (WIT_TYPE_KIND(type) == WIT_TYPE_ALIAS) {
    type = runtime.wit->aliases[WIT_TYPE_INDEX(type)].ty;
  }
  return WIT_TYPE_KIND(type) == WIT_TYPE_EMPTY ? WIT_TYPE_EMPTY : type;
}

product_t *type_product(wit_type_t type) {
  product_t *table = WIT_TYPE_KIND(type) == WIT_TYPE_RECORD ? runtime.records : runtime.tuples;
  return &table[WIT_TYPE_INDEX(type)];
}

sum_t *type_sum(wit_type_t type) {
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_VARIANT:
    return &runtime.variants[WIT_TYPE_INDEX(type)];
  case WIT_TYPE_OPTION:
    return &runtime.options[WIT_TYPE_INDEX(type)];
  default:
    return &runtime.results[WIT_TYPE_INDEX(type)];
  }
}

// --- Layout ------------------------------------------------------------------------------------------------------

static void lay_out_product(product_t *product) {
  uint32_t offset = 0, align = 1;
  for (size_t i = 0; i < product->count; i++) {
    layout_t field = type_layout(product->fields[i].type);
    offset = align_up(offset, field.align);
    product->fields[i].offset = offset;
    offset += field.size;
    align = field.align > align ? field.align : align;
  }
  product->layout = (layout_t){align_up(offset, align), align};
}

static uint32_t tag_size(size_t count) { return count <= 0x100 ? 1 : count <= 0x10000 ? 2 : 4; }

static void lay_out_sum(sum_t *sum) {
  uint32_t size = 0, align = 1;
  sum->tag_size = tag_size(sum->count);
  for (size_t i = 0; i < sum->count; i++) {
    if (sum->cases[i].type == WIT_TYPE_EMPTY) {
      continue;
    }
    layout_t payload = type_layout(sum->cases[i].type);
    size = payload.size > size ? payload.size : size;
    align = payload.align > align ? payload.align : align;
  }
  sum->payload_offset = align_up(sum->tag_size, align);
  align = sum->tag_size > align ? sum->tag_size : align;
  sum->layout = (layout_t){align_up(sum->payload_offset + size, align), align};
}

static uint32_t flags_size(size_t count) { return count <= 8 ? 1 : count <= 16 ? 2 : 4; }

// Types are laid out on demand, since a type may precede its parts in the table.
layout_t type_layout(wit_type_t type) {
  type = type_resolve(type);
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_U8:
  case WIT_TYPE_S8:
  case WIT_TYPE_BOOL:
    return (layout_t){1, 1};
  case WIT_TYPE_U16:
  case WIT_TYPE_S16:
    return (layout_t){2, 2};
  case WIT_TYPE_U32:
  case WIT_TYPE_S32:
  case WIT_TYPE_F32:
  case WIT_TYPE_CHAR:
  case WIT_TYPE_OWN:
  case WIT_TYPE_BORROW:
  case WIT_TYPE_FUTURE:
  case WIT_TYPE_STREAM:
  case WIT_TYPE_ERROR_CONTEXT:
    return (layout_t){4, 4};
  case WIT_TYPE_U64:
  case WIT_TYPE_S64:
  case WIT_TYPE_F64:
    return (layout_t){8, 8};
  case WIT_TYPE_STRING:
  case WIT_TYPE_LIST:
    return (layout_t){8, 4};
  case WIT_TYPE_RECORD:
  case WIT_TYPE_TUPLE: { // also lists of fixed length
    product_t *product = type_product(type);
    if (product->layout.align == 0) {
      lay_out_product(product);
    }
    return product->layout;
  }
  case WIT_TYPE_VARIANT:
  case WIT_TYPE_OPTION:
  case WIT_TYPE_RESULT: {
    sum_t *sum = type_sum(type);
    if (sum->layout.align == 0) {
      lay_out_sum(sum);
    }
    return sum->layout;
  }
  case WIT_TYPE_ENUM:
    return runtime.enums[WIT_TYPE_INDEX(type)].layout;
  case WIT_TYPE_FLAGS:
    return runtime.flags[WIT_TYPE_INDEX(type)].layout;
  default:
    die_of_bug("a type without a layout");
  }
}

// --- Loading -----------------------------------------------------------------------------------------------------

static void *table(size_t count, size_t size) {
  void *result = PyMem_Calloc(count ? count : 1, size);
  if (!result) {
    die_of_bug("out of memory while building");
  }
  return result;
}

static PyObject *find_class(const class_symbol_t *symbol) {
  PyObject *module_name = PyUnicode_FromStringAndSize(symbol->module.bytes, symbol->module.length);
  PyObject *name = PyUnicode_FromStringAndSize(symbol->name.bytes, symbol->name.length);
  PyObject *module = module_name && name ? PyObject_CallMethod(runtime.boot, "import_module", "O", module_name) : NULL;
  PyObject *class = module ? PyObject_GetAttr(module, name) : NULL;
  Py_XDECREF(module);
  Py_XDECREF(name);
  Py_XDECREF(module_name);
  return class;
}

static PyObject *interned(string_t string) {
  PyObject *object = PyUnicode_FromStringAndSize(string.bytes, string.length);
  if (object) {
    PyUnicode_InternInPlace(&object);
  }
  return object;
}

static int load_records(const symbols_t *symbols) {
  const wit_t *wit = runtime.wit;
  runtime.records = table(wit->num_records, sizeof(product_t));
  for (size_t i = 0; i < wit->num_records; i++) {
    const wit_record_t *record = &wit->records[i];
    const record_symbol_t *symbol = &symbols->records.items[i];
    product_t *product = &runtime.records[i];
    product->name = record->name;
    product->count = record->nfields;
    product->fields = table(record->nfields, sizeof(field_t));
    PyObject **names = table(record->nfields, sizeof(PyObject *));
    product->class = find_class(&symbol->class);
    if (!product->class) {
      return -1;
    }
    for (size_t j = 0; j < record->nfields; j++) {
      field_t *field = &product->fields[j];
      field->type = type_resolve(record->fields[j].ty);
      field->name = record->fields[j].name;
      field->attribute = names[j] = interned(symbol->fields.items[j]);
      if (!field->attribute) {
        return -1;
      }
    }
    int status = instance_shape(product->class, names, product->count, &product->shape);
    PyMem_Free(names);
    if (status < 0) {
      return -1;
    }
  }
  return 0;
}

static void load_tuples(const symbols_t *symbols) {
  const wit_t *wit = runtime.wit;
  runtime.tuples = table(wit->num_tuples, sizeof(product_t));
  for (size_t i = 0; i < wit->num_tuples; i++) {
    product_t *product = &runtime.tuples[i];
    product->name = wit->tuples[i].name;
    product->count = wit->tuples[i].ntypes;
    product->fields = table(product->count, sizeof(field_t));
    for (size_t j = 0; j < product->count; j++) {
      product->fields[j].type = type_resolve(wit->tuples[i].types[j]);
    }
  }
  for (size_t i = 0; i < symbols->fixed_lists.count; i++) {
    product_t *product = &runtime.tuples[symbols->fixed_lists.items[i]];
    list_t *items = table(1, sizeof(list_t));
    items->element = product->fields[0].type; // there are none of length 0
    product->items = items;
  }
}

// The shape of a case, `Some` or `Ok`: a dataclass with at most a `value`.
static int case_shape(PyObject *class, bool has_value, shape_t **shape) {
  return instance_shape(class, &runtime.value, has_value ? 1 : 0, shape);
}

static int load_variants(const symbols_t *symbols) {
  const wit_t *wit = runtime.wit;
  runtime.variants = table(wit->num_variants, sizeof(sum_t));
  for (size_t i = 0; i < wit->num_variants; i++) {
    const wit_variant_t *variant = &wit->variants[i];
    sum_t *sum = &runtime.variants[i];
    sum->name = variant->name;
    sum->count = variant->ncases;
    sum->cases = table(sum->count, sizeof(variant_case_t));
    for (size_t j = 0; j < sum->count; j++) {
      variant_case_t *item = &sum->cases[j];
      item->type = type_resolve(variant->cases[j].ty);
      item->name = variant->cases[j].name;
      item->class = find_class(&symbols->variants.items[i].cases.items[j]);
      if (!item->class || case_shape(item->class, item->type != WIT_TYPE_EMPTY, &item->shape) < 0) {
        return -1;
      }
    }
  }
  return 0;
}

static int load_options_and_results(void) {
  const wit_t *wit = runtime.wit;
  shape_t *some, *ok;
  if (case_shape(runtime.some, true, &some) < 0 || case_shape(runtime.ok, true, &ok) < 0) {
    return -1;
  }
  runtime.options = table(wit->num_options, sizeof(sum_t));
  for (size_t i = 0; i < wit->num_options; i++) {
    sum_t *sum = &runtime.options[i];
    sum->name = wit->options[i].name;
    sum->count = 2;
    sum->cases = table(2, sizeof(variant_case_t));
    sum->cases[0] = (variant_case_t){WIT_TYPE_EMPTY, "none", NULL, NULL};
    wit_type_t payload = type_resolve(wit->options[i].ty);
    // Only an option of an option needs a box to tell `some(none)` from `none`.
    bool nested = WIT_TYPE_KIND(payload) == WIT_TYPE_OPTION;
    sum->cases[1] = (variant_case_t){payload, "some", nested ? runtime.some : NULL, some};
  }
  runtime.results = table(wit->num_results, sizeof(sum_t));
  for (size_t i = 0; i < wit->num_results; i++) {
    sum_t *sum = &runtime.results[i];
    sum->name = wit->results[i].name;
    sum->count = 2;
    sum->cases = table(2, sizeof(variant_case_t));
    sum->cases[0] = (variant_case_t){type_resolve(wit->results[i].ok), "ok", runtime.ok, ok};
    sum->cases[1] = (variant_case_t){type_resolve(wit->results[i].err), "err", runtime.err, NULL};
  }
  return 0;
}

static int load_members(members_t *members, const members_symbol_t *symbol, const char *name, size_t count,
                        const char *const *names, uint32_t size) {
  members->name = name;
  members->count = count;
  members->names = names;
  members->layout = (layout_t){size, size};
  members->members = table(count, sizeof(PyObject *));
  members->class = find_class(&symbol->class);
  if (!members->class) {
    return -1;
  }
  for (size_t i = 0; i < count; i++) {
    PyObject *member = interned(symbol->members.items[i]);
    members->members[i] = member ? PyObject_GetAttr(members->class, member) : NULL;
    Py_XDECREF(member);
    if (!members->members[i]) {
      return -1;
    }
  }
  return 0;
}

static int load_enums_and_flags(const symbols_t *symbols) {
  const wit_t *wit = runtime.wit;
  runtime.enums = table(wit->num_enums, sizeof(members_t));
  for (size_t i = 0; i < wit->num_enums; i++) {
    const wit_enum_t *item = &wit->enums[i];
    if (load_members(&runtime.enums[i], &symbols->enums.items[i], item->name, item->nnames,
                     (const char *const *)item->names, tag_size(item->nnames)) < 0) {
      return -1;
    }
  }
  runtime.flags = table(wit->num_flags, sizeof(members_t));
  for (size_t i = 0; i < wit->num_flags; i++) {
    const wit_flags_t *item = &wit->flags[i];
    if (load_members(&runtime.flags[i], &symbols->flags.items[i], item->name, item->nnames,
                     (const char *const *)item->names, flags_size(item->nnames)) < 0) {
      return -1;
    }
  }
  return 0;
}

static int load_resources(const symbols_t *symbols) {
  const wit_t *wit = runtime.wit;
  runtime.resources = table(wit->num_resources, sizeof(resource_t));
  for (size_t i = 0; i < wit->num_resources; i++) {
    const resource_symbol_t *symbol = &symbols->resources.items[i];
    runtime.resources[i].wit = &wit->resources[i];
    runtime.resources[i].exported = symbol->exported;
    const char *interface = wit->resources[i].interface;
    runtime.resources[i].error_context = interface && strcmp(interface, ERROR_CONTEXT_INTERFACE) == 0;
    // The application's own classes are found once it is imported.
    if (!symbol->exported) {
      runtime.resources[i].class = find_class(&symbol->class);
      if (!runtime.resources[i].class) {
        return -1;
      }
    }
  }
  return 0;
}

static int load_lists(const symbols_t *symbols) {
  const wit_t *wit = runtime.wit;
  runtime.lists = table(wit->num_lists, sizeof(list_t));
  for (size_t i = 0; i < wit->num_lists; i++) {
    runtime.lists[i].element = type_resolve(wit->lists[i].ty);
  }
  for (size_t i = 0; i < symbols->maps.count; i++) {
    list_t *list = &runtime.lists[symbols->maps.items[i]];
    list->entry = type_product(list->element);
  }
  if (symbols->maps.count > 0) {
    PyObject *module = PyImport_ImportModule("collections.abc");
    runtime.mapping = module ? PyObject_GetAttrString(module, "Mapping") : NULL;
    Py_XDECREF(module);
    return runtime.mapping ? 0 : -1;
  }
  return 0;
}

// Every layout is computed now, so that calls only read them.
static void lay_out_all(void) {
  const wit_t *wit = runtime.wit;
  for (size_t i = 0; i < wit->num_records; i++) {
    type_layout(WIT_TYPE_RECORD | (uint32_t)i << 8);
  }
  for (size_t i = 0; i < wit->num_tuples; i++) {
    type_layout(WIT_TYPE_TUPLE | (uint32_t)i << 8);
    list_t *items = runtime.tuples[i].items;
    if (items) {
      items->layout = type_layout(items->element);
    }
  }
  for (size_t i = 0; i < wit->num_variants; i++) {
    type_layout(WIT_TYPE_VARIANT | (uint32_t)i << 8);
  }
  for (size_t i = 0; i < wit->num_options; i++) {
    type_layout(WIT_TYPE_OPTION | (uint32_t)i << 8);
  }
  for (size_t i = 0; i < wit->num_results; i++) {
    type_layout(WIT_TYPE_RESULT | (uint32_t)i << 8);
  }
  for (size_t i = 0; i < wit->num_lists; i++) {
    runtime.lists[i].layout = type_layout(runtime.lists[i].element);
  }
}

int types_load(const symbols_t *symbols) {
  load_tuples(symbols);
  if (load_options_and_results() < 0 || load_records(symbols) < 0 || load_variants(symbols) < 0 || load_enums_and_flags(symbols) < 0 ||
      load_resources(symbols) < 0 || load_lists(symbols) < 0) {
    return -1;
  }
  lay_out_all();
  return 0;
}

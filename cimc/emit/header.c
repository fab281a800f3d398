// SPDX-License-Identifier: Apache-2.0
//
// The C header of a compiled model: its typed entry point and descriptor.
#include "cimc/emit/header.h"

#include "cimc/emit/identifier.h"

#include <stdio.h>
#include <stdlib.h>

// Names in scope of the prototype: these three, then one a tensor.
enum { NAME_FUNCTION, NAME_CTX, NAME_WORKSPACE, NAME_TENSORS };

typedef struct header {
  FILE *file;
  const cimc_model_info *info;
  cimc_identifier upper; // the model's name for macros
  size_t tensor_count;   // inputs and outputs
  cimc_identifier *names;
} header;

static const char *c_type(cimc_storage storage) {
  switch (storage) {
  case CIMC_STORAGE_I8:
    return "int8_t";
  case CIMC_STORAGE_U8:
    return "uint8_t";
  case CIMC_STORAGE_I16:
    return "int16_t";
  case CIMC_STORAGE_U16:
    return "uint16_t";
  case CIMC_STORAGE_I32:
    return "int32_t";
  case CIMC_STORAGE_I64:
    return "int64_t";
  case CIMC_STORAGE_F32:
  case CIMC_STORAGE_OTHER: // model_info.c has refused it
    break;
  }
  return "float";
}

static bool is_input(const header *h, size_t index) {
  return index < h->info->input_count;
}

static const cimc_model_tensor *tensor_of(const header *h, size_t index) {
  return is_input(h, index) ? &h->info->inputs[index]
                            : &h->info->outputs[index - h->info->input_count];
}

static const char *name_of(const header *h, size_t index) {
  return h->names[NAME_TENSORS + index].text;
}

static void name_parameters(header *h) {
  MlirStringRef name = h->info->name;
  h->names[NAME_FUNCTION] = cimc_identifier_symbol(name.data, name.length);
  h->names[NAME_CTX] = (cimc_identifier){"ctx"};
  h->names[NAME_WORKSPACE] = (cimc_identifier){"workspace"};
  for (size_t i = 0; i < h->tensor_count; ++i) {
    MlirStringRef from = tensor_of(h, i)->name;
    cimc_identifier *to = &h->names[NAME_TENSORS + i];
    *to = cimc_identifier_parameter(from.data, from.length,
                                    is_input(h, i) ? "input" : "output");
    cimc_identifier_make_unique(to, h->names, NAME_TENSORS + i);
  }
}

// A name from the model inside a comment: nothing that could end the line.
static void print_quoted(FILE *file, MlirStringRef text) {
  fputc('"', file);
  for (size_t i = 0; i < text.length; ++i) {
    char c = text.data[i];
    fputc(c >= ' ' && c <= '~' && c != '\\' ? c : '?', file);
  }
  fputc('"', file);
}

// "//   input: float [1][64], real = 0.5 * (q - 3), "node""
static void print_tensor_comment(const header *h, size_t index) {
  const cimc_model_tensor *tensor = tensor_of(h, index);
  const cimc_element *element = &tensor->element;
  fprintf(h->file, "//   %s: %s", name_of(h, index), c_type(element->storage));
  for (int i = 0; i < tensor->shape.rank; ++i)
    fprintf(h->file, "%s[%lld]", i == 0 ? " " : "",
            (long long)tensor->shape.dim[i]);
  if (element->quantized && element->axis < 0)
    fprintf(h->file, ", real = %.9g * (q - %d)", (double)element->scale,
            (int)element->zero_point);
  else if (element->quantized)
    fprintf(h->file, ", quantized with %lld scales along axis %d",
            (long long)element->scale_count, element->axis);
  fputs(tensor->boolean ? ", 0 or 1, " : ", ", h->file);
  print_quoted(h->file, tensor->name);
  fputc('\n', h->file);
}

static void print_macros(const header *h) {
  const char *upper = h->upper.text;
  fprintf(h->file,
          "// The workspace's size; it must be aligned to "
          "CIMRT_WORKSPACE_ALIGNMENT.\n"
          "#define %s_WORKSPACE_BYTES %lld\n"
          "// Elements of each tensor, in C order.\n",
          upper, (long long)h->info->workspace_bytes);
  for (size_t i = 0; i < h->tensor_count; ++i) {
    const cimc_model_tensor *tensor = tensor_of(h, i);
    if (!tensor->by_value)
      fprintf(h->file, "#define %s_%s_ELEMENTS %lld\n", upper,
              cimc_identifier_upper(name_of(h, i)).text,
              (long long)cimc_ir_element_count(&tensor->shape));
  }
}

static void print_prototype(const header *h) {
  const char *function = h->names[NAME_FUNCTION].text;
  fprintf(h->file,
          "\n// Runs the model once on %s. ctx may be null: the plain CPU, "
          "one thread.\n",
          h->info->cpu.name);
  for (size_t i = 0; i < h->tensor_count; ++i)
    print_tensor_comment(h, i);
  fprintf(h->file, "cimrt_status %s(\n    const cimrt_context *ctx", function);
  for (size_t i = 0; i < h->tensor_count; ++i) {
    const cimc_model_tensor *tensor = tensor_of(h, i);
    fprintf(h->file, ",\n    %s%s %s%s",
            is_input(h, i) && !tensor->by_value ? "const " : "",
            c_type(tensor->element.storage), tensor->by_value ? "" : "*",
            name_of(h, i));
  }
  fprintf(h->file,
          ",\n    void *workspace);\n\n"
          "// Names, types, shapes, scales, sizes and layers of the model.\n"
          "extern const cimrt_model %s_model;\n",
          function);
}

static void print_header(const header *h) {
  const char *upper = h->upper.text;
  fprintf(h->file,
          "// Written by cimc: the model %s compiled for %s.\n"
          "#ifndef %s_H\n#define %s_H\n\n"
          "#include \"runtime/cimrt.h\"\n\n"
          "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
          h->names[NAME_FUNCTION].text, h->info->cpu.name, upper, upper);
  print_macros(h);
  print_prototype(h);
  fputs("\n#ifdef __cplusplus\n}\n#endif\n#endif\n", h->file);
}

MlirLogicalResult cimc_header_emit(const cimc_model_info *info, char **out,
                                   size_t *out_size) {
  *out = NULL;
  *out_size = 0;
  header h = {.info = info};
  h.tensor_count = info->input_count + info->output_count;
  h.names = calloc(NAME_TENSORS + h.tensor_count, sizeof(*h.names));
  h.file = open_memstream(out, out_size);
  bool good = h.names && h.file;
  if (good) {
    name_parameters(&h);
    h.upper = cimc_identifier_upper(h.names[NAME_FUNCTION].text);
    print_header(&h);
  }
  free(h.names);
  if (h.file && fclose(h.file) != 0)
    good = false;
  if (good)
    return mlirLogicalResultSuccess();
  free(*out);
  *out = NULL;
  *out_size = 0;
  cimc_diag_error(NULL, "out of memory while writing the header");
  return mlirLogicalResultFailure();
}

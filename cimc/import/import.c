// SPDX-License-Identifier: Apache-2.0
//
// The table of model formats.
#include "cimc/import/import.h"
#include "cimc/import/mlir.h"
#include "cimc/import/onnx/onnx.h"
#include "cimc/import/reader.h"
#include "cimc/import/tflite/tflite.h"

#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES_MAX ((size_t)2 << 30)

static MlirModule import_mlir(MlirContext context,
                              const cimc_import_input *input,
                              cimc_import_files *files) {
  (void)files; // text is in one file
  return cimc_mlir_import(context, input);
}

// A format is told by the bytes at `offset`, else by the path's suffix. One
// without a reader is known only to say so.
typedef struct format {
  const char *name;
  const char *suffix;
  const char *magic;
  size_t magic_size;
  size_t offset;
  MlirModule (*read)(MlirContext context, const cimc_import_input *input,
                     cimc_import_files *files);
  const char *cure;
} format;

static const format formats[] = {
    {"TensorFlow Lite", ".tflite", "TFL3", 4, 4, cimc_lite_import, ""},
    {"MLIR bytecode", ".mlirbc", "ML\xefR", 4, 0, NULL,
     "mlir-opt writes it as text"},
    {"PyTorch", ".pt", "PK\x03\x04", 4, 0, NULL,
     "torch.onnx.export writes it as ONNX"},
    // ModelProto's first field is ir_version, a small number.
    {"ONNX", ".onnx", "\x08", 1, 0, cimc_onnx_import, ""},
    {"MLIR", ".mlir", NULL, 0, 0, import_mlir, ""},
};
#define FORMATS (sizeof formats / sizeof *formats)

static bool has_magic(const format *kind, const cimc_import_input *input) {
  cimc_reader reader = cimc_reader_make(input->bytes, input->size);
  cimc_reader skipped;
  return kind->magic && cimc_reader_take(&reader, kind->offset, &skipped) &&
         cimc_reader_starts_with(&reader, kind->magic, kind->magic_size);
}

static bool has_suffix(const format *kind, const char *path) {
  size_t length = strlen(path), suffix = strlen(kind->suffix);
  return length >= suffix && strcmp(path + length - suffix, kind->suffix) == 0;
}

static const format *find_format(const cimc_import_input *input) {
  for (size_t i = 0; i < FORMATS; i++)
    if (has_magic(&formats[i], input))
      return &formats[i];
  for (size_t i = 0; i < FORMATS; i++)
    if (has_suffix(&formats[i], input->path))
      return &formats[i];
  return strcmp(input->path, "-") == 0 ? &formats[FORMATS - 1] : NULL;
}

MlirModule cimc_import(MlirContext context, const cimc_import_input *input,
                       cimc_import_files *out_files) {
  if (out_files)
    *out_files = (cimc_import_files){.count = 0};
  if (input->size == 0 || input->size > INPUT_BYTES_MAX) {
    cimc_diag_error(input->path, "the file %s; expected a model",
                    input->size == 0 ? "is empty" : "is larger than 2 GiB");
    return (MlirModule){NULL};
  }
  const format *kind = find_format(input);
  if (!kind) {
    cimc_diag_error(
        input->path,
        "the file is of no known kind; expected .mlir, .onnx or .tflite");
    return (MlirModule){NULL};
  }
  if (!kind->read) {
    cimc_diag_error(input->path,
                    "the file is %s, which cimc does not read; "
                    "expected .mlir, .onnx or .tflite",
                    kind->name);
    cimc_diag_note("%s", kind->cure);
    return (MlirModule){NULL};
  }
  if (input->tflite_reference && kind->read != cimc_lite_import) {
    cimc_diag_error(input->path,
                    "--requant=tflite-ref of %s; expected a .tflite file",
                    kind->name);
    cimc_diag_note("--requant=float, the default, does for every format");
    return (MlirModule){NULL};
  }
  return kind->read(context, input, out_files);
}

void cimc_import_files_free(cimc_import_files *files) {
  for (size_t i = 0; i < files->count; i++)
    free(files->paths[i]);
  free(files->paths);
  *files = (cimc_import_files){.count = 0};
}

void cimc_import_list_ops(void) {
  cimc_onnx_list_ops();
  cimc_lite_list_ops();
}

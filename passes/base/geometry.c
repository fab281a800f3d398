// SPDX-License-Identifier: Apache-2.0
//
// Tile sizes and padded copies: see geometry.h.
#include "passes/base/geometry.h"

#include <mlir-c/BuiltinAttributes.h>

static int64_t tile_field(MlirAttribute tile, const char *name,
                          int64_t otherwise) {
  if (mlirAttributeIsNull(tile) || !mlirAttributeIsADictionary(tile))
    return otherwise;
  MlirAttribute value =
      mlirDictionaryAttrGetElementByName(tile, cimc_ir_str(name));
  if (mlirAttributeIsNull(value) || !mlirAttributeIsAInteger(value))
    return otherwise;
  int64_t number = mlirIntegerAttrGetValueInt(value);
  return number < 1 ? 1 : number > CIMC_TILE_MAX ? CIMC_TILE_MAX : number;
}

cimc_tile cimc_geometry_tile(MlirOperation op) {
  MlirAttribute tile = mlirOperationGetAttributeByName(op, cimc_ir_str("tile"));
  cimc_tile out = {tile_field(tile, "mr", 4), tile_field(tile, "nr", 2)};
  while (out.mr * out.nr > 48)
    out.mr--;
  return out;
}

cimc_conv_shape cimc_geometry_conv(MlirOperation conv) {
  cimc_shape in, weights, out;
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(conv, 0)), &in);
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(conv, 1)),
                       &weights);
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetResult(conv, 0)), &out);
  cimc_conv_shape s = {
      .batch = in.dim[0],
      .height = in.dim[1],
      .width = in.dim[2],
      .channels = in.dim[3],
      .out_height = out.dim[1],
      .out_width = out.dim[2],
      .out_channels = out.dim[3],
      .window = cimc_qgemm_window(conv),
      .read_height = in.dim[1],
      .read_width = in.dim[2],
  };
  const cimc_window *w = &s.window;
  s.depthwise = w->groups > 1 && weights.dim[3] == 1;
  s.padded = w->pads[0] || w->pads[1] || w->pads[2] || w->pads[3];
  if (s.padded) {
    // Just what the windows reach: a stride may leave the far edge unread.
    s.read_height = (s.out_height - 1) * w->strides[0] +
                    (w->kernel[0] - 1) * w->dilations[0] + 1;
    s.read_width = (s.out_width - 1) * w->strides[1] +
                   (w->kernel[1] - 1) * w->dilations[1] + 1;
  }
  return s;
}

int64_t cimc_geometry_scratch_bytes(MlirOperation op) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  if (kind != CIMC_QGEMM_CONV2D && kind != CIMC_QGEMM_CONV2D_ADD)
    return 0;
  cimc_conv_shape s = cimc_geometry_conv(op);
  if (!s.padded)
    return 0;
  cimc_element element =
      cimc_qgemm_element(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  const int64_t factors[] = {s.batch, s.read_height, s.read_width, s.channels};
  int64_t bytes = cimc_storage_bytes(element.storage);
  for (int i = 0; i < 4; i++)
    if (__builtin_mul_overflow(bytes, factors[i], &bytes))
      return -1;
  if (__builtin_add_overflow(bytes, CIMC_GEOMETRY_SLACK, &bytes))
    return -1;
  return bytes;
}

int64_t cimc_geometry_bytes(MlirType tensor) {
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(tensor, &shape))
    return -1;
  int64_t count = cimc_ir_element_count(&shape), bytes;
  int64_t each = cimc_storage_bytes(cimc_qgemm_element(tensor).storage);
  if (count < 0 || each <= 0 || __builtin_mul_overflow(count, each, &bytes))
    return -1;
  return bytes;
}

// -- Runs of bytes -----------------------------------------------------------
bool cimc_geometry_slice_is_run(MlirOperation slice, int64_t *out_offset) {
  MlirType type = mlirValueGetType(mlirOperationGetOperand(slice, 0));
  int64_t starts[CIMC_RANK_MAX], sizes[CIMC_RANK_MAX], steps[CIMC_RANK_MAX];
  cimc_shape from;
  if (!cimc_ir_tensor_shape(type, &from) ||
      !cimc_ir_get_i64s(slice, "starts", from.rank, starts) ||
      !cimc_ir_get_i64s(slice, "sizes", from.rank, sizes) ||
      !cimc_ir_get_i64s(slice, "steps", from.rank, steps))
    return false;
  int64_t stride = cimc_storage_bytes(cimc_qgemm_element(type).storage);
  bool whole = true; // the dimensions further in
  *out_offset = 0;
  for (int i = from.rank - 1; i >= 0; i--) {
    // Outside of a dimension that is cut, one element of each only.
    if (sizes[i] != 1 && (!whole || steps[i] != 1))
      return false;
    whole = whole && sizes[i] == from.dim[i];
    *out_offset += starts[i] * stride;
    stride *= from.dim[i];
  }
  return true;
}

bool cimc_geometry_concat_is_runs(MlirOperation concat) {
  cimc_shape shape;
  int64_t axis = 0;
  if (!cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetResult(concat, 0)),
                            &shape) ||
      !cimc_ir_get_i64(concat, "axis", &axis))
    return false;
  for (int64_t i = 0; i < axis; i++)
    if (shape.dim[i] != 1)
      return false;
  return true;
}

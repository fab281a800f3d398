// SPDX-License-Identifier: Apache-2.0
//
// table: elements looked up in a constant.
#include "passes/lower/core/apply.h"
#include "passes/lower/kernels.h"

// The entry of a byte: its stored value, counted from the storage's smallest.
static MlirValue byte_body(cimc_build *b, const MlirValue *element,
                           void *user) {
  cimc_apply *a = user;
  cimc_storage to = a->nest.operand[1].storage;
  int64_t bytes = cimc_storage_bytes(to);
  MlirValue at = element[0];
  cimc_scalars_rewind(&a->scalars);
  MlirValue table = cimc_scalars_next(b, &a->scalars, at);
  if (a->nest.operand[0].storage == CIMC_STORAGE_I8)
    at = cimc_build_xor(b, at, cimc_build_int(b, b->i8, -128));
  at = cimc_build_zext(b, at, b->index);
  return cimc_build_load(b, cimc_build_storage_type(b, to),
                         cimc_sweep_at(b, table, at, bytes), bytes);
}

// Between two of 513 entries: 9 bits choose them, 7 weigh them.
static MlirValue wide_body(cimc_build *b, const MlirValue *element,
                           void *user) {
  cimc_apply *a = user;
  MlirValue x = element[0];
  MlirValue seven = cimc_build_int(b, b->i32, 7);
  cimc_scalars_rewind(&a->scalars);
  MlirValue table = cimc_scalars_next(b, &a->scalars, x);
  MlirValue at = cimc_build_add(b, x, cimc_build_int(b, b->i32, 32768));
  at = cimc_build_shr_signed(b, at, seven);
  if (b->cpu.pointer_bits != 32)
    at = cimc_build_zext(b, at, b->index);
  MlirValue address = cimc_sweep_at(b, table, at, 2);
  MlirValue base = cimc_build_load(b, b->i16, address, 2);
  MlirValue next =
      cimc_build_load(b, b->i16, cimc_build_offset_by(b, address, 2), 2);
  base = cimc_build_sext(b, base, b->i32);
  next = cimc_build_sext(b, next, b->i32);
  MlirValue part = cimc_build_and(b, x, cimc_build_int(b, b->i32, 127));
  part = cimc_build_mul(b, cimc_build_sub(b, next, base), part);
  return cimc_build_add(b, cimc_build_shl(b, base, seven), part);
}

MlirLogicalResult cimc_lookup_lower(cimc_lower *state, MlirOperation op) {
  MlirValue x = mlirOperationGetOperand(op, 0);
  MlirType type = mlirValueGetType(x);
  bool bytes = cimc_storage_bytes(cimc_qgemm_element(type).storage) == 1;
  cimc_apply a;
  cimc_apply_begin(&a, state, op);
  cimc_apply_operand(&a, x);
  cimc_apply_result(&a);
  // Unlike the tables of table.c, which are by the operand's bits.
  cimc_key_append(a.key, sizeof(a.key), "_given");
  cimc_scalars_pointer(&a.scalars, mlirOperationGetOperand(op, 1));
  a.nest.raw = bytes;
  a.nest.scalar = true;
  return cimc_apply_emit(&a, bytes ? byte_body : wide_body, &a);
}

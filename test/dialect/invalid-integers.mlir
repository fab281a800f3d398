// What the verifier says of the ops on integers, movement and reductions.
// RUN: split-file %s %t
// RUN: not %cimc %t/a.mlir --emit=qgemm -o - 2>&1 | FileCheck %t/a.mlir
// RUN: not %cimc %t/b.mlir --emit=qgemm -o - 2>&1 | FileCheck %t/b.mlir

//--- a.mlir
!u8 = !quant.uniform<u8:f32, 0.5:128>
!i8 = !quant.uniform<i8:f32, 0.5:3>
!i16 = !quant.uniform<i16:f32, 0.5>

func.func @main(%x: tensor<1x4x!u8>) -> tensor<1x4x!u8> {
  return %x : tensor<1x4x!u8>
}

func.func @activation_on_integers(%x: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.add: an activation on integers without scales; expected none
  %0 = "qgemm.add"(%x, %x) {activation = "relu"} : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi32>
  return
}

func.func @mixed_integers(%x: tensor<2x3xi32>, %y: tensor<2x3xi64>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.add: rhs has element type i64; expected the element type of the others
  %0 = "qgemm.add"(%x, %y) : (tensor<2x3xi32>, tensor<2x3xi64>) -> tensor<2x3xi32>
  return
}

func.func @bits_of_floats(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.bit_and: lhs has element type f32; expected an integer without scales
  %0 = "qgemm.bit_and"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @exp_of_integers(%x: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.exp: x has element type i32; expected f32, or a quantized type of i8, u8, i16 or u16
  %0 = "qgemm.exp"(%x) : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return
}

func.func @predicate(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.compare: predicate is "less"; expected one of: eq ne lt le gt ge
  %0 = "qgemm.compare"(%x, %x) {predicate = "less"} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xui8>
  return
}

func.func @compared_to(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.compare: the result has element type i32; expected ui8, 0 for false
  %0 = "qgemm.compare"(%x, %x) {predicate = "lt"} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi32>
  return
}

func.func @condition(%x: tensor<2x3xf32>, %c: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.select: the condition has element type i32; expected ui8, 0 for false
  %0 = "qgemm.select"(%c, %x, %x) : (tensor<2x3xi32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @branches(%x: tensor<2x3xf32>, %c: tensor<2x3xui8>, %i: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.select: b has element type i32; expected the element type of the others
  %0 = "qgemm.select"(%c, %x, %i) : (tensor<2x3xui8>, tensor<2x3xf32>, tensor<2x3xi32>) -> tensor<2x3xf32>
  return
}

func.func @cast_of_quantized(%q: tensor<2x3x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.cast: x has element type !quant.uniform<u8:f32, 5.000000e-01:128>; expected f32 or an integer without scales
  %0 = "qgemm.cast"(%q) : (tensor<2x3x!u8>) -> tensor<2x3xf32>
  return
}

func.func @multiplier_count(%x: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.rescale: 2 multipliers and 2 shifts; expected one of each, or one for each of 3 channels
  %0 = "qgemm.rescale"(%x) {multipliers = array<i64: 1, 2>, shifts = array<i64: 30, 31>, rounding = "single", input_zp = 0 : i64, output_zp = 0 : i64} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return
}

func.func @shift_range(%x: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.rescale: element 0 of 'shifts' is 63; expected 1 to 62
  %0 = "qgemm.rescale"(%x) {multipliers = array<i64: 1>, shifts = array<i64: 63>, rounding = "single", input_zp = 0 : i64, output_zp = 0 : i64} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return
}

func.func @negative_multiplier(%x: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.rescale: element 0 of 'multipliers' is -1; expected 0 to 2147483647
  %0 = "qgemm.rescale"(%x) {multipliers = array<i64: -1>, shifts = array<i64: 30>, rounding = "single", input_zp = 0 : i64, output_zp = 0 : i64} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return
}

func.func @output_point(%x: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.rescale: output_zp is 200; expected -128 to 127, what the tensor can hold
  %0 = "qgemm.rescale"(%x) {multipliers = array<i64: 1>, shifts = array<i64: 30>, rounding = "single", input_zp = 0 : i64, output_zp = 200 : i64} : (tensor<2x3xi32>) -> tensor<2x3xi8>
  return
}

func.func @rescale_of_floats(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.rescale: x has element type f32; expected an integer of 8, 16 or 32 bits without scales
  %0 = "qgemm.rescale"(%x) {multipliers = array<i64: 1>, shifts = array<i64: 30>, rounding = "single", input_zp = 0 : i64, output_zp = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xi32>
  return
}

func.func @table_length(%x: tensor<4xi8>, %t: tensor<255xi8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.table: the table has 255 elements; expected 256
  %0 = "qgemm.table"(%x, %t) : (tensor<4xi8>, tensor<255xi8>) -> tensor<4xi8>
  return
}
//--- b.mlir
!u8 = !quant.uniform<u8:f32, 0.5:128>
!i8 = !quant.uniform<i8:f32, 0.5:3>
!i16 = !quant.uniform<i16:f32, 0.5>

func.func @main(%x: tensor<1x4x!u8>) -> tensor<1x4x!u8> {
  return %x : tensor<1x4x!u8>
}

func.func @table_rank(%x: tensor<4xi8>, %t: tensor<16x16xi8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.table: the table has shape 16x16; expected one dimension
  %0 = "qgemm.table"(%x, %t) : (tensor<4xi8>, tensor<16x16xi8>) -> tensor<4xi8>
  return
}

func.func @table_of_words(%x: tensor<4xi16>, %t: tensor<513xi16>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.table: the result has element type i16; expected i32
  %0 = "qgemm.table"(%x, %t) : (tensor<4xi16>, tensor<513xi16>) -> tensor<4xi16>
  return
}

func.func @arg_axis(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.arg_max: axis is 2; expected 0 to 1 for shape 2x3
  %0 = "qgemm.arg_max"(%x) {axis = 2 : i64, keepdims = true, last = false} : (tensor<2x3xf32>) -> tensor<2x1xi64>
  return
}

func.func @arg_result(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.arg_max: the result has element type f32; expected i32 or i64
  %0 = "qgemm.arg_max"(%x) {axis = 1 : i64, keepdims = true, last = false} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

func.func @concat_shapes(%x: tensor<2x3xf32>, %y: tensor<3x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.concat: operand 1 has shape 3x3 and operand 0 has 2x3; expected them to differ in dimension 1 only
  %0 = "qgemm.concat"(%x, %y) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return
}

func.func @concat_types(%x: tensor<2x3xf32>, %y: tensor<2x3xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.concat: operand 1 has element type i32; expected the element type of the others
  %0 = "qgemm.concat"(%x, %y) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x3xf32>, tensor<2x3xi32>) -> tensor<2x6xf32>
  return
}

func.func @slice_outside(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.slice: 3 elements from 1 in steps of 1 leave dimension 1 of 2x3; expected them inside
  %0 = "qgemm.slice"(%x) {starts = array<i64: 0, 1>, sizes = array<i64: 1, 3>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<1x3xf32>
  return
}

func.func @slice_backwards(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.slice: 3 elements from 1 in steps of -1 leave dimension 1 of 2x3; expected them inside
  %0 = "qgemm.slice"(%x) {starts = array<i64: 0, 1>, sizes = array<i64: 1, 3>, steps = array<i64: 1, -1>} : (tensor<2x3xf32>) -> tensor<1x3xf32>
  return
}

func.func @slice_step(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.slice: element 1 of 'steps' is 0; expected another number
  %0 = "qgemm.slice"(%x) {starts = array<i64: 0, 0>, sizes = array<i64: 1, 3>, steps = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<1x3xf32>
  return
}

func.func @gather_indices(%x: tensor<2x3xf32>, %i: tensor<2xi8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.gather: the index tensor has element type i8; expected i32 or i64
  %0 = "qgemm.gather"(%x, %i) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2xi8>) -> tensor<2x3xf32>
  return
}

func.func @gather_rank(%x: tensor<1x1x1x1x1xf32>, %i: tensor<1x1x1x1x1xi32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.gather: x has shape 1x1x1x1x1, the indices have 1x1x1x1x1; expected a result of at most 8 dimensions
  %0 = "qgemm.gather"(%x, %i) {axis = 0 : i64} : (tensor<1x1x1x1x1xf32>, tensor<1x1x1x1x1xi32>) -> tensor<1xf32>
  return
}

func.func @interior(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.pad: element 1 of 'interior' is -1; expected 0 or more
  %0 = "qgemm.pad"(%x) {low = array<i64: 0, 0>, high = array<i64: 0, 0>, interior = array<i64: 0, -1>, value = 0.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @sums_activated(%x: tensor<2x4x!i8>, %w: tensor<4x3x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: an activation on a result of i32 sums; expected none
  %0 = "qgemm.matmul"(%x, %w) {activation = "relu"} : (tensor<2x4x!i8>, tensor<4x3x!i8>) -> tensor<2x3xi32>
  return
}

func.func @sums_of_words(%x: tensor<2x4x!i16>, %w: tensor<4x3x!i16>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: lhs has element type !quant.uniform<i16:f32, 5.000000e-01>; expected 8 bits: only their sums are given as i32
  %0 = "qgemm.matmul"(%x, %w) : (tensor<2x4x!i16>, tensor<4x3x!i16>) -> tensor<2x3xi32>
  return
}

func.func @arithmetic(%x: tensor<2x4x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.softmax: arithmetic is "tosa"; expected one of: float
  %0 = "qgemm.softmax"(%x) {axis = 1 : i64, arithmetic = "tosa"} : (tensor<2x4x!i8>) -> tensor<2x4x!i8>
  return
}

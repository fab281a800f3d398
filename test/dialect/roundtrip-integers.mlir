// The ops on integers, movement and reductions in their generic form, by LLVM's
// own tool and by ours.
// RUN: mlir-opt --irdl-file=%irdl %s > %t
// RUN: mlir-opt --irdl-file=%irdl %t | diff %t -
// RUN: FileCheck %s < %t
// RUN: %cimc %s --passes=infer_shapes -o - | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:128>
!i8 = !quant.uniform<i8:f32, 0.5:3>
!unit = !quant.uniform<i8:f32, 0.00390625:-128>
!bias = !quant.uniform<i32:f32, 0.25>

// CHECK-LABEL: func.func @functions
func.func @functions(%x: tensor<2x3xf32>, %q: tensor<2x3x!u8>) {
  // CHECK: "qgemm.abs"
  %0 = "qgemm.abs"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.neg"
  %1 = "qgemm.neg"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.sign"
  %2 = "qgemm.sign"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.exp"
  %3 = "qgemm.exp"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.log"
  %4 = "qgemm.log"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.sqrt"
  %5 = "qgemm.sqrt"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.rsqrt"
  %6 = "qgemm.rsqrt"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.reciprocal"
  %7 = "qgemm.reciprocal"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.floor"
  %8 = "qgemm.floor"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.ceil"
  %9 = "qgemm.ceil"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.round"
  %10 = "qgemm.round"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.erf"
  %11 = "qgemm.erf"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.sin"
  %12 = "qgemm.sin"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.cos"
  %13 = "qgemm.cos"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.hard_swish"
  %14 = "qgemm.hard_swish"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.gelu"
  %15 = "qgemm.gelu"(%x) {tanh = true} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.hard_sigmoid"
  %16 = "qgemm.hard_sigmoid"(%q) {alpha = 0.2 : f32, beta = 0.5 : f32} : (tensor<2x3x!u8>) -> tensor<2x3x!u8>
  // CHECK: "qgemm.leaky_relu"
  %17 = "qgemm.leaky_relu"(%x) {alpha = 0.01 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.elu"
  %18 = "qgemm.elu"(%x) {alpha = 1.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: func.func @binary
func.func @binary(%x: tensor<2x3xf32>, %y: tensor<3xf32>, %q: tensor<2x3x!u8>, %i: tensor<2x3xi32>, %j: tensor<1xi32>) {
  // CHECK: "qgemm.div"
  %0 = "qgemm.div"(%x, %y) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.min"
  %1 = "qgemm.min"(%x, %y) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.max"
  %2 = "qgemm.max"(%x, %y) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.pow"
  %3 = "qgemm.pow"(%x, %y) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.add"
  %4 = "qgemm.add"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  // CHECK: "qgemm.sub"
  %5 = "qgemm.sub"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  // CHECK: "qgemm.mul"
  %6 = "qgemm.mul"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  // CHECK: "qgemm.div"
  %7 = "qgemm.div"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  // CHECK: "qgemm.bit_and"
  %8 = "qgemm.bit_and"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  // CHECK: "qgemm.bit_or"
  %9 = "qgemm.bit_or"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  // CHECK: "qgemm.bit_xor"
  %10 = "qgemm.bit_xor"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  // CHECK: "qgemm.shift_left"
  %11 = "qgemm.shift_left"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  // CHECK: "qgemm.shift_right"
  %12 = "qgemm.shift_right"(%i, %j) : (tensor<2x3xi32>, tensor<1xi32>) -> tensor<2x3xi32>
  return
}

// CHECK-LABEL: func.func @choices
func.func @choices(%x: tensor<2x3xf32>, %c: tensor<2x3xui8>, %i: tensor<2x3xi32>) {
  // CHECK: "qgemm.compare"
  %0 = "qgemm.compare"(%x, %x) {predicate = "lt"} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xui8>
  // CHECK: "qgemm.select"
  %1 = "qgemm.select"(%c, %x, %x) : (tensor<2x3xui8>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.cast"
  %2 = "qgemm.cast"(%i) : (tensor<2x3xi32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.rescale"
  %3 = "qgemm.rescale"(%i) {multipliers = array<i64: 1, 2, 3>, shifts = array<i64: 30, 31, 32>, rounding = "double", input_zp = 0 : i64, output_zp = -3 : i64} : (tensor<2x3xi32>) -> tensor<2x3xi8>
  return
}

// CHECK-LABEL: func.func @lookups
func.func @lookups(%x: tensor<2x3xi8>, %t: tensor<256xi8>, %y: tensor<4xi16>, %u: tensor<513xi16>) {
  // CHECK: "qgemm.table"
  %0 = "qgemm.table"(%x, %t) : (tensor<2x3xi8>, tensor<256xi8>) -> tensor<2x3xi8>
  // CHECK: "qgemm.table"
  %1 = "qgemm.table"(%y, %u) : (tensor<4xi16>, tensor<513xi16>) -> tensor<4xi32>
  return
}

// CHECK-LABEL: func.func @reductions
func.func @reductions(%x: tensor<2x3xf32>, %i: tensor<2x3xi32>) {
  // CHECK: "qgemm.reduce_sum"
  %0 = "qgemm.reduce_sum"(%i) {axes = array<i64: 1>, keepdims = false} : (tensor<2x3xi32>) -> tensor<2xi32>
  // CHECK: "qgemm.reduce_max"
  %1 = "qgemm.reduce_max"(%x) {axes = array<i64: 1>, keepdims = false} : (tensor<2x3xf32>) -> tensor<2xf32>
  // CHECK: "qgemm.reduce_min"
  %2 = "qgemm.reduce_min"(%x) {axes = array<i64: 1>, keepdims = false} : (tensor<2x3xf32>) -> tensor<2xf32>
  // CHECK: "qgemm.reduce_prod"
  %3 = "qgemm.reduce_prod"(%x) {axes = array<i64: 1>, keepdims = false} : (tensor<2x3xf32>) -> tensor<2xf32>
  // CHECK: "qgemm.arg_max"
  %4 = "qgemm.arg_max"(%x) {axis = 1 : i64, keepdims = true, last = false} : (tensor<2x3xf32>) -> tensor<2x1xi64>
  // CHECK: "qgemm.arg_min"
  %5 = "qgemm.arg_min"(%x) {axis = 0 : i64, keepdims = false, last = true} : (tensor<2x3xf32>) -> tensor<3xi32>
  return
}

// CHECK-LABEL: func.func @movement
func.func @movement(%x: tensor<2x3xf32>, %y: tensor<2x1xf32>, %i: tensor<4xi64>) {
  // CHECK: "qgemm.concat"
  %0 = "qgemm.concat"(%x, %y) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: "qgemm.concat"
  %1 = "qgemm.concat"(%x) {axis = 0 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.concat"
  %2 = "qgemm.concat"(%y, %y, %y, %y, %y, %y, %y, %y, %y, %y, %y, %y, %y, %y, %y, %y) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1>} : (tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x16xf32>
  // CHECK: "qgemm.slice"
  %3 = "qgemm.slice"(%x) {starts = array<i64: 0, 2>, sizes = array<i64: 1, 3>, steps = array<i64: 1, -1>} : (tensor<2x3xf32>) -> tensor<1x3xf32>
  // CHECK: "qgemm.gather"
  %4 = "qgemm.gather"(%x, %i) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<2x4xf32>
  // CHECK: "qgemm.pad"
  %5 = "qgemm.pad"(%x) {low = array<i64: 0, 1>, high = array<i64: 1, 0>, interior = array<i64: 0, 2>, value = 0.0 : f32} : (tensor<2x3xf32>) -> tensor<3x8xf32>
  return
}

// CHECK-LABEL: func.func @sums
func.func @sums(%x: tensor<2x4x!i8>, %w: tensor<4x3x!i8>, %b: tensor<3x!bias>, %k: tensor<2x1x1x4x!i8>, %p: tensor<1x5x5x4x!i8>) {
  // CHECK: "qgemm.matmul"
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<2x4x!i8>, tensor<4x3x!i8>, tensor<3x!bias>) -> tensor<2x3xi32>
  // CHECK: "qgemm.matmul"
  %1 = "qgemm.matmul"(%x, %w) {multipliers = array<i64: 1073741824>, shifts = array<i64: 33>, rounding = "single"} : (tensor<2x4x!i8>, tensor<4x3x!i8>) -> tensor<2x3x!i8>
  // CHECK: "qgemm.conv2d"
  %2 = "qgemm.conv2d"(%p, %k) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, multipliers = array<i64: 1, 2>, shifts = array<i64: 33, 34>, rounding = "double"} : (tensor<1x5x5x4x!i8>, tensor<2x1x1x4x!i8>) -> tensor<1x5x5x2x!i8>
  // CHECK: "qgemm.avg_pool2d"
  %3 = "qgemm.avg_pool2d"(%p) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = false, arithmetic = "tflite"} : (tensor<1x5x5x4x!i8>) -> tensor<1x4x4x4x!i8>
  // CHECK: "qgemm.softmax"
  %4 = "qgemm.softmax"(%x) {axis = 1 : i64, arithmetic = "tflite"} : (tensor<2x4x!i8>) -> tensor<2x4x!unit>
  return
}

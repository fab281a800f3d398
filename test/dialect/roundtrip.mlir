// Every op in its generic form is read and printed back, by LLVM's own tool.
// RUN: mlir-opt --irdl-file=%irdl %s > %t
// RUN: mlir-opt --irdl-file=%irdl %t | diff %t -
// RUN: FileCheck %s < %t

!u8 = !quant.uniform<u8:f32, 0.5:128>
!u8b = !quant.uniform<u8:f32, 0.25:10>
!i8 = !quant.uniform<i8:f32, 0.125>
!i8c1 = !quant.uniform<i8:f32:1, {0.125, 0.25}>
!i8c0 = !quant.uniform<i8:f32:0, {0.125, 0.25}>
!i32c = !quant.uniform<i32:f32:0, {0.0625, 0.125}>

// CHECK-LABEL: func.func @casts
// CHECK-SAME: {qgemm.name = "input"}
func.func @casts(%x: tensor<2x3xui8> {qgemm.name = "input"}, %s: f32) {
  // CHECK: "qgemm.storage_cast"(%{{.*}}) : (tensor<2x3xui8>) -> tensor<2x3x!quant.uniform<u8:f32, 5.000000e-01:128>>
  %q = "qgemm.storage_cast"(%x) : (tensor<2x3xui8>) -> tensor<2x3x!u8>
  // CHECK: "qgemm.dequantize"
  %f = "qgemm.dequantize"(%q) : (tensor<2x3x!u8>) -> tensor<2x3xf32>
  // CHECK: "qgemm.quantize"
  %r = "qgemm.quantize"(%f) : (tensor<2x3xf32>) -> tensor<2x3x!i8>
  // CHECK: "qgemm.requantize"(%{{.*}}) {activation = "relu"}
  %t = "qgemm.requantize"(%q) {activation = "relu"} : (tensor<2x3x!u8>) -> tensor<2x3x!u8b>
  // CHECK: "qgemm.splat"(%{{.*}}) : (f32) -> tensor<1xf32>
  %v = "qgemm.splat"(%s) : (f32) -> tensor<1xf32>
  return
}

// CHECK-LABEL: func.func @products
func.func @products(%x: tensor<1x4x!u8>, %a: tensor<2x3x4xf32>, %b: tensor<2x4x5xf32>) {
  // CHECK: !quant.uniform<i8:f32:1, {1.250000e-01,2.500000e-01}>
  %w = "qgemm.constant"() {value = dense<1> : tensor<4x2xi8>} : () -> tensor<4x2x!i8c1>
  %c = "qgemm.constant"() {value = dense<[7, -7]> : tensor<2xi32>} : () -> tensor<2x!i32c>
  // CHECK: "qgemm.matmul"(%{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}}) :
  %y = "qgemm.matmul"(%x, %w, %c) : (tensor<1x4x!u8>, tensor<4x2x!i8c1>, tensor<2x!i32c>) -> tensor<1x2x!u8b>
  // CHECK: "qgemm.matmul"(%{{[^,]*}}, %{{[^,]*}}) {activation = "relu6"}
  %z = "qgemm.matmul"(%x, %w) {activation = "relu6"} : (tensor<1x4x!u8>, tensor<4x2x!i8c1>) -> tensor<1x2x!u8b>
  // CHECK: "qgemm.matmul"{{.*}} -> tensor<1x2xi32>
  %s = "qgemm.matmul"(%x, %w, %c) : (tensor<1x4x!u8>, tensor<4x2x!i8c1>, tensor<2x!i32c>) -> tensor<1x2xi32>
  // CHECK: "qgemm.matmul"{{.*}} {multipliers = array<i64: 1200000000, 1300000000>, rounding = "double", shifts = array<i64: 36, 37>}
  %q = "qgemm.matmul"(%x, %w) {multipliers = array<i64: 1200000000, 1300000000>, shifts = array<i64: 36, 37>, rounding = "double"} : (tensor<1x4x!u8>, tensor<4x2x!i8c1>) -> tensor<1x2x!u8b>
  // CHECK: "qgemm.batch_matmul"
  %m = "qgemm.batch_matmul"(%a, %b) : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
  return
}

// CHECK-LABEL: func.func @convolutions
func.func @convolutions(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8c0>, %b: tensor<2x!i32c>, %r: tensor<1x4x4x2x!u8b>) {
  // CHECK: "qgemm.conv2d"
  // CHECK-SAME: dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>
  %y = "qgemm.conv2d"(%x, %w, %b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, activation = "none"} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8c0>, tensor<2x!i32c>) -> tensor<1x4x4x2x!u8b>
  // CHECK: "qgemm.conv2d_add"
  // CHECK-SAME: mid = !quant.uniform<u8:f32, 2.500000e-01:10>
  // CHECK-SAME: residual_first = true
  %z = "qgemm.conv2d_add"(%x, %w, %b, %r) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, mid = !u8b, residual_first = true} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8c0>, tensor<2x!i32c>, tensor<1x4x4x2x!u8b>) -> tensor<1x4x4x2x!u8>
  return
}

// CHECK-LABEL: func.func @elementwise
func.func @elementwise(%x: tensor<2x3xf32>, %y: tensor<3xf32>) {
  // CHECK: "qgemm.add"
  %0 = "qgemm.add"(%x, %y) {activation = "clamp", clamp_min = -1.0 : f32, clamp_max = 1.0 : f32} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.sub"
  %1 = "qgemm.sub"(%x, %y) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.mul"
  %2 = "qgemm.mul"(%x, %y) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.relu"
  %3 = "qgemm.relu"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.clamp"
  %4 = "qgemm.clamp"(%x) {clamp_min = 0.0 : f32, clamp_max = 6.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.sigmoid"
  %5 = "qgemm.sigmoid"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.tanh"
  %6 = "qgemm.tanh"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "qgemm.softmax"(%{{.*}}) {axis = 1 : i64}
  %7 = "qgemm.softmax"(%x) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: func.func @windows_and_shapes
func.func @windows_and_shapes(%x: tensor<1x4x4x2x!u8>) {
  // CHECK: "qgemm.max_pool2d"
  %0 = "qgemm.max_pool2d"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2x!u8>) -> tensor<1x2x2x2x!u8>
  // CHECK: "qgemm.avg_pool2d"
  %1 = "qgemm.avg_pool2d"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = false} : (tensor<1x4x4x2x!u8>) -> tensor<1x2x2x2x!u8b>
  // CHECK: "qgemm.global_avg_pool2d"
  %6 = "qgemm.global_avg_pool2d"(%x) : (tensor<1x4x4x2x!u8>) -> tensor<1x1x1x2x!u8b>
  // CHECK: "qgemm.reduce_mean"(%{{.*}}) {axes = array<i64: 1, 2>, keepdims = true}
  %2 = "qgemm.reduce_mean"(%x) {axes = array<i64: 1, 2>, keepdims = true} : (tensor<1x4x4x2x!u8>) -> tensor<1x1x1x2x!u8b>
  // CHECK: "qgemm.reshape"
  %3 = "qgemm.reshape"(%x) : (tensor<1x4x4x2x!u8>) -> tensor<1x32x!u8>
  // CHECK: "qgemm.transpose"(%{{.*}}) {perm = array<i64: 0, 3, 1, 2>}
  %4 = "qgemm.transpose"(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2x!u8>) -> tensor<1x2x4x4x!u8>
  // CHECK: "qgemm.pad"
  %5 = "qgemm.pad"(%x) {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>, value = 0.0 : f32} : (tensor<1x4x4x2x!u8>) -> tensor<1x6x6x2x!u8>
  return
}

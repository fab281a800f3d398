// A convolution whose only user is an addition takes it in.
// RUN: %cimc %s --passes=fuse --emit=qgemm -o - | FileCheck %s

!x = !quant.uniform<u8:f32, 0.5:3>
!m = !quant.uniform<i8:f32, 0.125:1>
!y = !quant.uniform<i8:f32, 0.25:-4>
!w = !quant.uniform<i8:f32, 1.0>

// CHECK-LABEL: func.func @main
func.func @main(%q: tensor<1x2x2x1x!x>) -> tensor<1x2x2x1x!y> {
  // CHECK-DAG: %[[B:.*]] = "qgemm.constant"() {value = dense<0> : tensor<1xi32>} : () -> tensor<1x!quant.uniform<i32:f32, 5.000000e-01>>
  // CHECK: "qgemm.conv2d_add"(%arg0, %{{.*}}, %[[B]], %arg0) {activation = "relu"
  // CHECK-SAME: mid = !quant.uniform<i8:f32, 1.250000e-01:1>
  // CHECK-NOT: residual_first
  // CHECK-SAME: -> tensor<1x2x2x1x!quant.uniform<i8:f32, 2.500000e-01:-4>>
  // CHECK-NEXT: return
  %w = "qgemm.constant"() {value = dense<1> : tensor<1x1x1x1xi8>} : () -> tensor<1x1x1x1x!w>
  %c = "qgemm.conv2d"(%q, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x2x1x!x>, tensor<1x1x1x1x!w>) -> tensor<1x2x2x1x!m>
  %a = "qgemm.add"(%c, %q) {activation = "relu"} : (tensor<1x2x2x1x!m>, tensor<1x2x2x1x!x>) -> tensor<1x2x2x1x!y>
  return %a : tensor<1x2x2x1x!y>
}

// CHECK-LABEL: func.func private @in_f32_too
func.func private @in_f32_too(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32> {
  // CHECK: "qgemm.conv2d_add"(%arg0, %arg1, %{{.*}}, %arg0) {{.*}}mid = f32
  // CHECK-SAME: residual_first = true
  %c = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %a = "qgemm.add"(%x, %c) : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  return %a : tensor<1x2x2x1xf32>
}

// CHECK-LABEL: func.func private @of_two_the_later
func.func private @of_two_the_later(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1xf32>, %v: tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32> {
  // CHECK: %[[C:.*]] = "qgemm.conv2d"(%arg0, %arg1)
  // CHECK: "qgemm.conv2d_add"(%arg0, %arg2, %{{.*}}, %[[C]])
  %c = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %d = "qgemm.conv2d"(%x, %v) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %a = "qgemm.add"(%c, %d) : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  return %a : tensor<1x2x2x1xf32>
}

// Broadcasting, another user, an activation between: it stays an addition.
// CHECK-LABEL: func.func private @not_when_anything_is_between
func.func private @not_when_anything_is_between(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1xf32>, %s: tensor<1x1x1x1xf32>) -> (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) {
  // CHECK-NOT: conv2d_add
  // CHECK: return
  %c = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %0 = "qgemm.add"(%c, %s) : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %d = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %1 = "qgemm.add"(%d, %x) : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %e = "qgemm.conv2d"(%x, %w) {activation = "relu", strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %2 = "qgemm.add"(%e, %x) : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  return %0, %1, %2, %d : tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>
}

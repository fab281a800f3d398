// dequantize, op, quantize become one quantized op.
// RUN: %cimc %s --passes=fuse --emit=qgemm -o - | FileCheck %s

!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<i8:f32, 0.25:-4>
!z = !quant.uniform<u8:f32, 0.25>
!w = !quant.uniform<i8:f32:0, {1.0, 2.0}>
!v = !quant.uniform<i8:f32:1, {1.0, 2.0}>
!b = !quant.uniform<i32:f32:0, {0.5, 1.0}>

// A convolution, its bias given in the accumulator's steps.
// CHECK-LABEL: func.func @main
func.func @main(%q: tensor<1x4x4x1x!x>) -> tensor<1x4x4x2x!y> {
  // CHECK-NOT: quantize"
  // CHECK: %[[B:.*]] = "qgemm.constant"() {value = dense<[7, -7]> : tensor<2xi32>} : () -> tensor<2x!quant.uniform<i32:f32:0, {5.000000e-01,1.000000e+00}>>
  // CHECK: "qgemm.conv2d"(%arg0, %{{.*}}, %[[B]]) {activation = "relu"
  // CHECK-SAME: -> tensor<1x4x4x2x!quant.uniform<i8:f32, 2.500000e-01:-4>>
  // CHECK-NEXT: return
  %wq = "qgemm.constant"() {value = dense<1> : tensor<2x1x1x1xi8>} : () -> tensor<2x1x1x1x!w>
  %bq = "qgemm.constant"() {value = dense<[7, -7]> : tensor<2xi32>} : () -> tensor<2x!b>
  %x = "qgemm.dequantize"(%q) : (tensor<1x4x4x1x!x>) -> tensor<1x4x4x1xf32>
  %w = "qgemm.dequantize"(%wq) : (tensor<2x1x1x1x!w>) -> tensor<2x1x1x1xf32>
  %b = "qgemm.dequantize"(%bq) : (tensor<2x!b>) -> tensor<2xf32>
  %0 = "qgemm.conv2d"(%x, %w, %b) {activation = "relu", strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2x!y>
  return %1 : tensor<1x4x4x2x!y>
}

// 0.25 is half a step of 0.5 (to even: 0), 1.5 a step and a half of 1.0 (to
// even: 2).
// CHECK-LABEL: func.func private @an_f32_bias_is_rounded_to_steps
func.func private @an_f32_bias_is_rounded_to_steps(%q: tensor<1x3x!x>) -> tensor<1x2x!y> {
  // CHECK: %[[B:.*]] = "qgemm.constant"() {value = dense<[0, 2]> : tensor<2xi32>}
  // CHECK: "qgemm.matmul"(%arg0, %{{.*}}, %[[B]])
  %wq = "qgemm.constant"() {value = dense<1> : tensor<3x2xi8>} : () -> tensor<3x2x!v>
  %b = "qgemm.constant"() {value = dense<[0.25, 1.5]> : tensor<2xf32>} : () -> tensor<2xf32>
  %x = "qgemm.dequantize"(%q) : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %w = "qgemm.dequantize"(%wq) : (tensor<3x2x!v>) -> tensor<3x2xf32>
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<1x2xf32>) -> tensor<1x2x!y>
  return %1 : tensor<1x2x!y>
}

// CHECK-LABEL: func.func private @a_bias_in_other_steps_is_rescaled
func.func private @a_bias_in_other_steps_is_rescaled(%q: tensor<1x3x!x>) -> tensor<1x2x!y> {
  // CHECK: "qgemm.constant"() {value = dense<[20, -4]> : tensor<2xi32>}
  %wq = "qgemm.constant"() {value = dense<1> : tensor<3x2xi8>} : () -> tensor<3x2x!v>
  %bq = "qgemm.constant"() {value = dense<[12, -2]> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<i8:f32, 1.0:2>>
  %x = "qgemm.dequantize"(%q) : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %w = "qgemm.dequantize"(%wq) : (tensor<3x2x!v>) -> tensor<3x2xf32>
  %b = "qgemm.dequantize"(%bq) : (tensor<2x!quant.uniform<i8:f32, 1.0:2>>) -> tensor<2xf32>
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<1x2xf32>) -> tensor<1x2x!y>
  return %1 : tensor<1x2x!y>
}

// CHECK-LABEL: func.func private @two_activations_multiply
func.func private @two_activations_multiply(%p: tensor<2x2x3x!x>, %q: tensor<2x3x2x!y>) -> tensor<2x2x2x!x> {
  // CHECK-NEXT: "qgemm.batch_matmul"(%arg0, %arg1)
  %a = "qgemm.dequantize"(%p) : (tensor<2x2x3x!x>) -> tensor<2x2x3xf32>
  %b = "qgemm.dequantize"(%q) : (tensor<2x3x2x!y>) -> tensor<2x3x2xf32>
  %0 = "qgemm.batch_matmul"(%a, %b) : (tensor<2x2x3xf32>, tensor<2x3x2xf32>) -> tensor<2x2x2xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<2x2x2xf32>) -> tensor<2x2x2x!x>
  return %1 : tensor<2x2x2x!x>
}

// CHECK-LABEL: func.func private @a_sum_too_deep_for_32_bits_stays_f32
func.func private @a_sum_too_deep_for_32_bits_stays_f32(%p: tensor<1x100000x!x>, %q: tensor<100000x1x!y>) -> tensor<1x1x!x> {
  // CHECK: "qgemm.matmul"({{.*}}) : (tensor<1x100000xf32>, tensor<100000x1xf32>)
  %a = "qgemm.dequantize"(%p) : (tensor<1x100000x!x>) -> tensor<1x100000xf32>
  %b = "qgemm.dequantize"(%q) : (tensor<100000x1x!y>) -> tensor<100000x1xf32>
  %0 = "qgemm.matmul"(%a, %b) : (tensor<1x100000xf32>, tensor<100000x1xf32>) -> tensor<1x1xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<1x1xf32>) -> tensor<1x1x!x>
  return %1 : tensor<1x1x!x>
}

// 3 products reach 756; with the bias the sum may pass 2^31 - 1.
// CHECK-LABEL: func.func private @a_bias_too_large_for_32_bits_stays_f32
func.func private @a_bias_too_large_for_32_bits_stays_f32(%q: tensor<1x3x!x>) -> (tensor<1x2x!y>, tensor<1x2x!y>) {
  // CHECK-DAG: "qgemm.matmul"({{.*}}) : (tensor<1x3xf32>
  // CHECK-DAG: dense<[2147482891, 0]> : tensor<2xi32>
  // CHECK-DAG: "qgemm.matmul"(%arg0, {{.*}}) : (tensor<1x3x!quant
  %wq = "qgemm.constant"() {value = dense<1> : tensor<3x2xi8>} : () -> tensor<3x2x!v>
  %bq = "qgemm.constant"() {value = dense<[2147482892, 0]> : tensor<2xi32>} : () -> tensor<2x!b>
  %cq = "qgemm.constant"() {value = dense<[2147482891, 0]> : tensor<2xi32>} : () -> tensor<2x!b>
  %x = "qgemm.dequantize"(%q) : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %w = "qgemm.dequantize"(%wq) : (tensor<3x2x!v>) -> tensor<3x2xf32>
  %b = "qgemm.dequantize"(%bq) : (tensor<2x!b>) -> tensor<2xf32>
  %c = "qgemm.dequantize"(%cq) : (tensor<2x!b>) -> tensor<2xf32>
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<1x2xf32>) -> tensor<1x2x!y>
  %2 = "qgemm.matmul"(%x, %w, %c) : (tensor<1x3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %3 = "qgemm.quantize"(%2) : (tensor<1x2xf32>) -> tensor<1x2x!y>
  return %1, %3 : tensor<1x2x!y>, tensor<1x2x!y>
}

// CHECK-LABEL: func.func private @element_by_element
func.func private @element_by_element(%p: tensor<2x3x!x>, %q: tensor<3x!y>) -> (tensor<2x3x!y>, tensor<2x3x!y>) {
  // CHECK-NEXT: %[[A:.*]] = "qgemm.add"(%arg0, %arg1) {activation = "relu6"}
  // CHECK-NEXT: %[[M:.*]] = "qgemm.mul"(%[[A]], %arg1)
  // CHECK-NEXT: %[[S:.*]] = "qgemm.sigmoid"(%[[M]])
  // CHECK-NEXT: %[[T:.*]] = "qgemm.softmax"(%[[S]]) {axis = 1 : i64}
  // CHECK-NEXT: return %[[A]], %[[T]]
  %a = "qgemm.dequantize"(%p) : (tensor<2x3x!x>) -> tensor<2x3xf32>
  %b = "qgemm.dequantize"(%q) : (tensor<3x!y>) -> tensor<3xf32>
  %0 = "qgemm.add"(%a, %b) {activation = "relu6"} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<2x3xf32>) -> tensor<2x3x!y>
  %2 = "qgemm.dequantize"(%1) : (tensor<2x3x!y>) -> tensor<2x3xf32>
  %3 = "qgemm.mul"(%2, %b) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %4 = "qgemm.quantize"(%3) : (tensor<2x3xf32>) -> tensor<2x3x!x>
  %5 = "qgemm.dequantize"(%4) : (tensor<2x3x!x>) -> tensor<2x3xf32>
  %6 = "qgemm.sigmoid"(%5) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = "qgemm.quantize"(%6) : (tensor<2x3xf32>) -> tensor<2x3x!x>
  %8 = "qgemm.dequantize"(%7) : (tensor<2x3x!x>) -> tensor<2x3xf32>
  %9 = "qgemm.softmax"(%8) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %10 = "qgemm.quantize"(%9) : (tensor<2x3xf32>) -> tensor<2x3x!y>
  return %1, %10 : tensor<2x3x!y>, tensor<2x3x!y>
}

// CHECK-LABEL: func.func private @several_quantizes_each_have_their_op
func.func private @several_quantizes_each_have_their_op(%p: tensor<2x!x>) -> (tensor<2x!x>, tensor<2x!y>) {
  // CHECK-DAG: "qgemm.tanh"(%arg0) : {{.*}} -> tensor<2x!quant.uniform<u8:f32, 5.000000e-01:3>>
  // CHECK-DAG: "qgemm.tanh"(%arg0) : {{.*}} -> tensor<2x!quant.uniform<i8:f32, 2.500000e-01:-4>>
  // CHECK-NOT: quantize
  // CHECK: return
  %a = "qgemm.dequantize"(%p) : (tensor<2x!x>) -> tensor<2xf32>
  %0 = "qgemm.tanh"(%a) : (tensor<2xf32>) -> tensor<2xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<2xf32>) -> tensor<2x!x>
  %2 = "qgemm.quantize"(%0) : (tensor<2xf32>) -> tensor<2x!y>
  return %1, %2 : tensor<2x!x>, tensor<2x!y>
}

// CHECK-LABEL: func.func private @an_f32_user_keeps_the_op_f32
func.func private @an_f32_user_keeps_the_op_f32(%p: tensor<2x!x>) -> (tensor<2x!x>, tensor<2xf32>) {
  // CHECK: "qgemm.dequantize"
  // CHECK: "qgemm.tanh"({{.*}}) : (tensor<2xf32>) -> tensor<2xf32>
  // CHECK: "qgemm.quantize"
  %a = "qgemm.dequantize"(%p) : (tensor<2x!x>) -> tensor<2xf32>
  %0 = "qgemm.tanh"(%a) : (tensor<2xf32>) -> tensor<2xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<2xf32>) -> tensor<2x!x>
  return %1, %0 : tensor<2x!x>, tensor<2xf32>
}

// CHECK-LABEL: func.func private @the_same_scale_again_is_nothing
func.func private @the_same_scale_again_is_nothing(%p: tensor<2x!x>) -> tensor<2x!x> {
  // CHECK-NEXT: return %arg0
  %a = "qgemm.dequantize"(%p) : (tensor<2x!x>) -> tensor<2xf32>
  %0 = "qgemm.quantize"(%a) : (tensor<2xf32>) -> tensor<2x!x>
  return %0 : tensor<2x!x>
}

// CHECK-LABEL: func.func private @another_scale_is_a_requantize
func.func private @another_scale_is_a_requantize(%p: tensor<2x!x>) -> (tensor<2x!y>, tensor<2x!y>, tensor<2x!x>) {
  // CHECK-DAG: "qgemm.requantize"(%arg0) {activation = "relu"}
  // CHECK-DAG: "qgemm.requantize"(%arg0) :
  // CHECK-DAG: "qgemm.relu"(%arg0) :
  // CHECK: return
  %a = "qgemm.dequantize"(%p) : (tensor<2x!x>) -> tensor<2xf32>
  %0 = "qgemm.quantize"(%a) : (tensor<2xf32>) -> tensor<2x!y>
  %1 = "qgemm.relu"(%a) : (tensor<2xf32>) -> tensor<2xf32>
  %2 = "qgemm.quantize"(%1) : (tensor<2xf32>) -> tensor<2x!y>
  %3 = "qgemm.quantize"(%1) : (tensor<2xf32>) -> tensor<2x!x>
  return %0, %2, %3 : tensor<2x!y>, tensor<2x!y>, tensor<2x!x>
}

// CHECK-LABEL: func.func private @a_pool_is_taken_of_integers
func.func private @a_pool_is_taken_of_integers(%p: tensor<1x4x4x1x!x>) -> (tensor<1x2x2x1x!y>, tensor<1x2x2x1x!y>) {
  // CHECK-DAG: %[[M:.*]] = "qgemm.max_pool2d"(%arg0) {{.*}} -> tensor<1x2x2x1x!quant.uniform<u8:f32, 5.000000e-01:3>>
  // CHECK-DAG: "qgemm.requantize"(%[[M]])
  // CHECK-DAG: "qgemm.avg_pool2d"(%arg0) {{.*}} -> tensor<1x2x2x1x!quant.uniform<i8:f32, 2.500000e-01:-4>>
  // CHECK-NOT: quantize"
  // CHECK: return
  %a = "qgemm.dequantize"(%p) : (tensor<1x4x4x1x!x>) -> tensor<1x4x4x1xf32>
  %0 = "qgemm.max_pool2d"(%a) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x1xf32>) -> tensor<1x2x2x1xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1x!y>
  %2 = "qgemm.avg_pool2d"(%a) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = false} : (tensor<1x4x4x1xf32>) -> tensor<1x2x2x1xf32>
  %3 = "qgemm.quantize"(%2) : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1x!y>
  return %1, %3 : tensor<1x2x2x1x!y>, tensor<1x2x2x1x!y>
}

// CHECK-LABEL: func.func private @a_mean_of_all_pixels_is_taken_of_integers
func.func private @a_mean_of_all_pixels_is_taken_of_integers(%p: tensor<1x4x4x1x!x>) -> tensor<1x1x1x1x!y> {
  // CHECK-NEXT: "qgemm.global_avg_pool2d"(%arg0) : (tensor<1x4x4x1x!quant.uniform<u8:f32, 5.000000e-01:3>>) -> tensor<1x1x1x1x!quant.uniform<i8:f32, 2.500000e-01:-4>>
  // CHECK-NEXT: return
  %a = "qgemm.dequantize"(%p) : (tensor<1x4x4x1x!x>) -> tensor<1x4x4x1xf32>
  %0 = "qgemm.global_avg_pool2d"(%a) : (tensor<1x4x4x1xf32>) -> tensor<1x1x1x1xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1x!y>
  return %1 : tensor<1x1x1x1x!y>
}

// CHECK-LABEL: func.func private @a_mean_of_too_many_pixels_stays_f32
func.func private @a_mean_of_too_many_pixels_stays_f32(%p: tensor<1x4096x4096x1x!x>) -> tensor<1x1x1x1x!y> {
  // CHECK: "qgemm.global_avg_pool2d"({{.*}}) : (tensor<1x4096x4096x1xf32>)
  %a = "qgemm.dequantize"(%p) : (tensor<1x4096x4096x1x!x>) -> tensor<1x4096x4096x1xf32>
  %0 = "qgemm.global_avg_pool2d"(%a) : (tensor<1x4096x4096x1xf32>) -> tensor<1x1x1x1xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1x!y>
  return %1 : tensor<1x1x1x1x!y>
}

// CHECK-LABEL: func.func private @a_pad_by_a_step_is_made_of_integers
func.func private @a_pad_by_a_step_is_made_of_integers(%p: tensor<2x!x>) -> (tensor<3xf32>, tensor<3xf32>) {
  // CHECK-DAG: "qgemm.pad"(%arg0) {{.*}}value = 1.500000e+00
  // CHECK-DAG: %[[D:.*]] = "qgemm.dequantize"(%arg0)
  // CHECK-DAG: "qgemm.pad"(%[[D]]) {{.*}}value = 1.600000e+00
  %a = "qgemm.dequantize"(%p) : (tensor<2x!x>) -> tensor<2xf32>
  %0 = "qgemm.pad"(%a) {low = array<i64: 0>, high = array<i64: 1>, value = 1.5 : f32} : (tensor<2xf32>) -> tensor<3xf32>
  %1 = "qgemm.pad"(%a) {low = array<i64: 0>, high = array<i64: 1>, value = 1.6 : f32} : (tensor<2xf32>) -> tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func private @quantize_passes_a_pool_to_reach_its_op
func.func private @quantize_passes_a_pool_to_reach_its_op(%p: tensor<1x4x4x1x!x>) -> tensor<1x2x2x1x!y> {
  // CHECK-NEXT: %[[T:.*]] = "qgemm.tanh"(%arg0)
  // CHECK-NEXT: "qgemm.max_pool2d"(%[[T]])
  // CHECK-NEXT: return
  %a = "qgemm.dequantize"(%p) : (tensor<1x4x4x1x!x>) -> tensor<1x4x4x1xf32>
  %0 = "qgemm.tanh"(%a) : (tensor<1x4x4x1xf32>) -> tensor<1x4x4x1xf32>
  %1 = "qgemm.max_pool2d"(%0) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x1xf32>) -> tensor<1x2x2x1xf32>
  %2 = "qgemm.quantize"(%1) : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1x!y>
  return %2 : tensor<1x2x2x1x!y>
}

// Bounds that the type has anyhow go; others keep the pool a float one.
// CHECK-LABEL: func.func private @idle_bounds_are_dropped
func.func private @idle_bounds_are_dropped(%p: tensor<1x4x4x1x!x>) -> (tensor<1x1x1x1x!z>, tensor<1x1x1x1x!y>) {
  // CHECK-DAG: %[[G:.*]] = "qgemm.global_avg_pool2d"(%arg0) {{.*}} -> tensor<1x1x1x1x!quant.uniform<u8:f32, 2.500000e-01>>
  // CHECK-DAG: %[[R:.*]] = "qgemm.relu"({{.*}}) : (tensor<1x1x1x1xf32>)
  // CHECK-DAG: %[[Q:.*]] = "qgemm.quantize"(%[[R]])
  // CHECK: return %[[G]], %[[Q]]
  %a = "qgemm.dequantize"(%p) : (tensor<1x4x4x1x!x>) -> tensor<1x4x4x1xf32>
  %0 = "qgemm.global_avg_pool2d"(%a) : (tensor<1x4x4x1xf32>) -> tensor<1x1x1x1xf32>
  %1 = "qgemm.relu"(%0) : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %2 = "qgemm.quantize"(%1) : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1x!z>
  %3 = "qgemm.global_avg_pool2d"(%a) : (tensor<1x4x4x1xf32>) -> tensor<1x1x1x1xf32>
  %4 = "qgemm.relu"(%3) : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %5 = "qgemm.quantize"(%4) : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1x!y>
  return %2, %5 : tensor<1x1x1x1x!z>, tensor<1x1x1x1x!y>
}

// The numbers of the function stay with it; what is computed in f32 is the same
// as before quantize.
// CHECK-LABEL: func.func private @functions_of_one_operand
func.func private @functions_of_one_operand(%q: tensor<2x3x!x>) -> (tensor<2x3x!y>, tensor<2x3x!z>) {
  // CHECK-NOT: quantize"
  // CHECK: %[[L:.*]] = "qgemm.leaky_relu"(%arg0) {alpha = 1.000000e-01 : f32} : (tensor<2x3x!quant.uniform<u8:f32, 5.000000e-01:3>>) -> tensor<2x3x!quant.uniform<i8:f32, 2.500000e-01:-4>>
  // CHECK-NEXT: %[[H:.*]] = "qgemm.hard_swish"(%arg0)
  // CHECK-NEXT: return %[[L]], %[[H]]
  %x = "qgemm.dequantize"(%q) : (tensor<2x3x!x>) -> tensor<2x3xf32>
  %0 = "qgemm.leaky_relu"(%x) {alpha = 0.1 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<2x3xf32>) -> tensor<2x3x!y>
  %2 = "qgemm.hard_swish"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = "qgemm.quantize"(%2) : (tensor<2x3xf32>) -> tensor<2x3x!z>
  return %1, %3 : tensor<2x3x!y>, tensor<2x3x!z>
}

// CHECK-LABEL: func.func private @functions_of_two_operands
func.func private @functions_of_two_operands(%p: tensor<2x3x!x>, %q: tensor<3x!y>) -> tensor<2x3x!z> {
  // CHECK-NEXT: %[[D:.*]] = "qgemm.div"(%arg0, %arg1)
  // CHECK-NEXT: %[[M:.*]] = "qgemm.max"(%[[D]], %arg1)
  // CHECK-NEXT: return %[[M]]
  %a = "qgemm.dequantize"(%p) : (tensor<2x3x!x>) -> tensor<2x3xf32>
  %b = "qgemm.dequantize"(%q) : (tensor<3x!y>) -> tensor<3xf32>
  %0 = "qgemm.div"(%a, %b) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<2x3xf32>) -> tensor<2x3x!y>
  %2 = "qgemm.dequantize"(%1) : (tensor<2x3x!y>) -> tensor<2x3xf32>
  %3 = "qgemm.max"(%2, %b) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %4 = "qgemm.quantize"(%3) : (tensor<2x3xf32>) -> tensor<2x3x!z>
  return %4 : tensor<2x3x!z>
}

// 16 bits are no table, and no kernel takes them with 8: they stay as they are.
// CHECK-LABEL: func.func private @wide_operands_stay_real
func.func private @wide_operands_stay_real(%q: tensor<3x!quant.uniform<i16:f32, 0.5>>) -> tensor<3x!z> {
  // CHECK: "qgemm.exp"(%{{.*}}) : (tensor<3xf32>) -> tensor<3xf32>
  %x = "qgemm.dequantize"(%q) : (tensor<3x!quant.uniform<i16:f32, 0.5>>) -> tensor<3xf32>
  %0 = "qgemm.exp"(%x) : (tensor<3xf32>) -> tensor<3xf32>
  %1 = "qgemm.quantize"(%0) : (tensor<3xf32>) -> tensor<3x!z>
  return %1 : tensor<3x!z>
}

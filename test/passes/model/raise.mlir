// Ops of tosa, linalg and tensor become qgemm ops.
// RUN: %cimc %s --passes=raise --emit=qgemm -o - | FileCheck %s --implicit-check-not=tosa. --implicit-check-not=linalg. --implicit-check-not=tensor.empty --implicit-check-not=arith.
// RUN: %cimc %s --entry=a_convolution_and_its_rescale_are_one_op --emit=qgemm -o - | FileCheck %s --check-prefix=FUSED
// RUN: %cimc --list-ops | FileCheck %s --check-prefix=LIST

// LIST-DAG: mlir  tosa.conv2d
// LIST-DAG: mlir  linalg.generic
// LIST-DAG: mlir  math.exp

// FUSED-LABEL: func.func @a_convolution_and_its_rescale_are_one_op(
// FUSED-SAME: !quant.uniform<i8:f32, 1.000000e+00:-5>
// FUSED: "qgemm.conv2d"
// FUSED-SAME: multipliers = array<i64: 1073741824>
// FUSED-SAME: rounding = "double", shifts = array<i64: 38>
// FUSED-NOT: qgemm.rescale

// CHECK-LABEL: func.func @a_convolution_and_its_rescale_are_one_op
func.func @a_convolution_and_its_rescale_are_one_op(%x: tensor<1x8x8x4xi8>)
    -> tensor<1x8x8x8xi8> {
  %w = "tosa.const"() {values = dense<3> : tensor<8x3x3x4xi8>} : () -> tensor<8x3x3x4xi8>
  %b = "tosa.const"() {values = dense<9> : tensor<1xi32>} : () -> tensor<1xi32>
  %xz = "tosa.const"() {values = dense<-5> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  // CHECK: %[[X:.*]] = "qgemm.storage_cast"(%arg0) : (tensor<1x8x8x4xi8>) -> tensor<1x8x8x4x!quant.uniform<i8:f32, 1.000000e+00:-5>>
  // CHECK: dense<3> : tensor<8x3x3x4xi8>} : () -> tensor<8x3x3x4x!quant.uniform<i8:f32, 1.000000e+00>>
  // CHECK: dense<9> : tensor<8xi32>} : () -> tensor<8x!quant.uniform<i32:f32, 1.000000e+00>>
  // CHECK: %[[S:.*]] = "qgemm.conv2d"(%[[X]]
  // CHECK-SAME: pads = array<i64: 1, 3, 2, 4>
  // CHECK-SAME: -> tensor<1x9x13x8xi32>
  %s = tosa.conv2d %x, %w, %b, %xz, %wz {acc_type = i32,
      pad = array<i64: 1, 2, 3, 4>, stride = array<i64: 1, 1>,
      dilation = array<i64: 1, 1>}
      : (tensor<1x8x8x4xi8>, tensor<8x3x3x4xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x9x13x8xi32>
  %m = "tosa.const"() {values = dense<1073741824> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<38> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<-3> : tensor<1xi8>} : () -> tensor<1xi8>
  // CHECK: "qgemm.rescale"(%[[S]]) {input_zp = 0 : i64, multipliers = array<i64: 1073741824>, output_zp = -3 : i64, rounding = "double", shifts = array<i64: 38>}
  %y = tosa.rescale %s, %m, %h, %iz, %oz {scale32 = true,
      rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x9x13x8xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x9x13x8xi8>
  %p = tosa.const_shape {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
  %q = tosa.const_shape {values = dense<[1, 8, 8, 8]> : tensor<4xindex>} : () -> !tosa.shape<4>
  // CHECK: "qgemm.slice"
  %z = tosa.slice %y, %p, %q : (tensor<1x9x13x8xi8>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x8x8x8xi8>
  return %z : tensor<1x8x8x8xi8>
}

// CHECK-LABEL: func.func @truth_is_a_byte
// CHECK-SAME: (%arg0: tensor<4xui8>, %arg1: tensor<4xi32>) -> tensor<4xui8>
func.func @truth_is_a_byte(%a: tensor<4xi1>, %b: tensor<4xi32>)
    -> tensor<4xi1> {
  // CHECK: value = dense<[1, 0, 0, 1]> : tensor<4xui8>
  %c = "tosa.const"() {values = dense<[true, false, false, true]> : tensor<4xi1>} : () -> tensor<4xi1>
  // CHECK: "qgemm.compare"(%arg1, %arg1) {predicate = "gt"}
  %d = tosa.greater %b, %b : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1>
  // CHECK: "qgemm.bit_and"
  %e = tosa.logical_and %a, %c : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  // CHECK: "qgemm.bit_or"
  %f = tosa.logical_or %d, %e : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  return %f : tensor<4xi1>
}

// CHECK-LABEL: func.func @scales_at_the_edge_are_kept
// CHECK-SAME: (%arg0: tensor<4x!quant.uniform<i8:f32, 5.000000e-01:3>>) -> tensor<4x!quant.uniform<i8:f32, 2.500000e-01>>
func.func @scales_at_the_edge_are_kept(
    %x: tensor<4x!quant.uniform<i8:f32, 0.5:3>>)
    -> tensor<4x!quant.uniform<i8:f32, 0.25>> {
  // CHECK: %[[X:.*]] = "qgemm.storage_cast"(%arg0)
  %t = "tosa.const"() {values = dense<1> : tensor<256xi8>} : () -> tensor<256xi8>
  // CHECK: %[[Y:.*]] = "qgemm.table"(%[[X]]
  %y = tosa.table %x, %t : (tensor<4x!quant.uniform<i8:f32, 0.5:3>>, tensor<256xi8>) -> tensor<4x!quant.uniform<i8:f32, 0.25>>
  // CHECK: "qgemm.storage_cast"(%[[Y]]) : (tensor<4xi8>) -> tensor<4x!quant.uniform<i8:f32, 2.500000e-01>>
  return %y : tensor<4x!quant.uniform<i8:f32, 0.25>>
}

// CHECK-LABEL: func.func @a_fill_that_changes_nothing_costs_nothing
func.func @a_fill_that_changes_nothing_costs_nothing(%a: tensor<2x3xf32>,
    %b: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  // CHECK: %[[Y:.*]] = "qgemm.matmul"(%arg0, %arg1)
  // CHECK-NEXT: return %[[Y]]
  %y = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x4xf32>)
      outs(%f : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @a_body_is_applied_to_whole_tensors
func.func @a_body_is_applied_to_whole_tensors(%a: tensor<2x3xf32>,
    %b: tensor<2xf32>) -> tensor<3x2xf32> {
  %e = tensor.empty() : tensor<3x2xf32>
  // CHECK-DAG: %[[B:.*]] = "qgemm.reshape"(%arg1) : (tensor<2xf32>) -> tensor<2x1xf32>
  // CHECK: %[[S:.*]] = "qgemm.add"(%arg0, %[[B]])
  // CHECK: %[[T:.*]] = "qgemm.tanh"(%[[S]])
  // CHECK: "qgemm.transpose"(%[[T]]) {perm = array<i64: 1, 0>}
  %y = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>,
                       affine_map<(d0, d1) -> (d0)>,
                       affine_map<(d0, d1) -> (d1, d0)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<2x3xf32>, tensor<2xf32>)
      outs(%e : tensor<3x2xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %0 = arith.addf %p, %q : f32
    %1 = math.tanh %0 : f32
    linalg.yield %1 : f32
  } -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// CHECK-LABEL: func.func @a_dynamic_batch_becomes_one
// CHECK-SAME: (%arg0: tensor<1x3xf32>) -> tensor<1x3xf32>
func.func @a_dynamic_batch_becomes_one(%x: tensor<?x3xf32>)
    -> tensor<?x3xf32> {
  // CHECK: "qgemm.tanh"(%arg0) : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %y = tosa.tanh %x : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// As tosa's specification has it: -1/4 lies between pixels -1 and 0.
// CHECK-LABEL: func.func @positions_round_down
func.func @positions_round_down(%x: tensor<1x1x2x1xi8>)
    -> tensor<1x1x4x1xi32> {
  %s = tosa.const_shape {values = dense<[1, 1, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[0, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[0, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  // CHECK-DAG: dense<{{\[\[\[\[}}1], [3], [1], [3]]]]> : tensor<1x1x4x1xi32>
  // CHECK-DAG: dense<{{\[\[\[\[}}3], [1], [3], [1]]]]> : tensor<1x1x4x1xi32>
  // CHECK-DAG: dense<[0, 0, 0, 1]> : tensor<4xi32>
  // CHECK-DAG: dense<[0, 1, 1, 1]> : tensor<4xi32>
  %y = tosa.resize %x, %s, %o, %b {mode = BILINEAR}
      : (tensor<1x1x2x1xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x1x4x1xi32>
  return %y : tensor<1x1x4x1xi32>
}

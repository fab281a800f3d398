// Where values live: the workspace, the caller's outputs, or another's bytes.
// RUN: %cimc %s --passes=plan_memory --target=x86-64-v3 -o - | FileCheck %s
// RUN: %cimc %s '--passes=plan_memory{in-place=0}' --target=x86-64-v3 -o - \
// RUN:   | FileCheck %s --check-prefix=APART

// A chain needs room for two neighbours only; the last value is the output.
// CHECK-LABEL: func.func @main
// CHECK-SAME: qgemm.live_bytes = 512
// CHECK-SAME: qgemm.workspace_bytes = 512
func.func @main(%x: tensor<1x64xf32>) -> tensor<1x64xf32> {
  // CHECK: "qgemm.transpose"{{.*}}qgemm.offset = 0 : i64
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<1x64xf32>) -> tensor<64x1xf32>
  // CHECK: "qgemm.transpose"{{.*}}qgemm.offset = 256 : i64
  %1 = "qgemm.transpose"(%0) {perm = array<i64: 1, 0>} : (tensor<64x1xf32>) -> tensor<1x64xf32>
  // CHECK: "qgemm.transpose"{{.*}}qgemm.offset = 0 : i64
  %2 = "qgemm.transpose"(%1) {perm = array<i64: 1, 0>} : (tensor<1x64xf32>) -> tensor<64x1xf32>
  // CHECK: "qgemm.transpose"{{.*}}qgemm.output = 0 : i64
  %3 = "qgemm.transpose"(%2) {perm = array<i64: 1, 0>} : (tensor<64x1xf32>) -> tensor<1x64xf32>
  return %3 : tensor<1x64xf32>
}

// CHECK-LABEL: func.func @views_have_no_memory_of_their_own
// CHECK-SAME: qgemm.workspace_bytes = 16
func.func @views_have_no_memory_of_their_own(%x: tensor<4xf32>) -> tensor<2x2xf32> {
  // CHECK: "qgemm.tanh"{{.*}}qgemm.offset
  %0 = "qgemm.tanh"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NOT: "qgemm.reshape"{{.*}}qgemm.
  // CHECK: "qgemm.reshape"
  %1 = "qgemm.reshape"(%0) : (tensor<4xf32>) -> tensor<2x2xf32>
  // CHECK: "qgemm.transpose"{{.*}}qgemm.output = 0 : i64
  %2 = "qgemm.transpose"(%1) {perm = array<i64: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %2 : tensor<2x2xf32>
}

// A value is alive as long as its views are read.
// CHECK-LABEL: func.func @a_view_keeps_its_value_alive
// CHECK-SAME: qgemm.live_bytes = 512
func.func @a_view_keeps_its_value_alive(%x: tensor<1x64xf32>) -> tensor<64x1xf32> {
  // CHECK: qgemm.offset = [[A:[0-9]+]] : i64
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<1x64xf32>) -> tensor<64x1xf32>
  %1 = "qgemm.reshape"(%0) : (tensor<64x1xf32>) -> tensor<1x64xf32>
  // CHECK: "qgemm.transpose"
  // CHECK-NOT: qgemm.offset = [[A]] :
  // CHECK: "qgemm.add"{{.*}}qgemm.offset = [[A]] :
  %2 = "qgemm.transpose"(%0) {perm = array<i64: 1, 0>} : (tensor<64x1xf32>) -> tensor<1x64xf32>
  %3 = "qgemm.add"(%1, %2) : (tensor<1x64xf32>, tensor<1x64xf32>) -> tensor<1x64xf32>
  %4 = "qgemm.transpose"(%3) {perm = array<i64: 1, 0>} : (tensor<1x64xf32>) -> tensor<64x1xf32>
  return %4 : tensor<64x1xf32>
}

// An elementwise op may write over an operand that nobody reads again …
// CHECK-LABEL: func.func @in_place
// CHECK-SAME: qgemm.workspace_bytes = 256
// APART-LABEL: func.func @in_place
// APART-SAME: qgemm.workspace_bytes = 512
func.func @in_place(%x: tensor<1x64xf32>) -> tensor<64x1xf32> {
  // CHECK-COUNT-3: qgemm.offset = 0 : i64
  %0 = "qgemm.tanh"(%x) : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %1 = "qgemm.add"(%x, %0) : (tensor<1x64xf32>, tensor<1x64xf32>) -> tensor<1x64xf32>
  %2 = "qgemm.softmax"(%1) {axis = 1 : i64} : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %3 = "qgemm.transpose"(%2) {perm = array<i64: 1, 0>} : (tensor<1x64xf32>) -> tensor<64x1xf32>
  return %3 : tensor<64x1xf32>
}

// … but not when its elements are wider, broadcast, or needed later.
// CHECK-LABEL: func.func @not_in_place
func.func @not_in_place(%x: tensor<4x4xf32>, %y: tensor<1x1xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  // CHECK: "qgemm.tanh"{{.*}}qgemm.offset = [[A:[0-9]+]] : i64
  %0 = "qgemm.tanh"(%x) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  // CHECK: "qgemm.quantize"
  // CHECK-NOT: qgemm.offset = [[A]] :
  // CHECK: "qgemm.dequantize"
  %1 = "qgemm.quantize"(%0) : (tensor<4x4xf32>) -> tensor<4x4x!quant.uniform<i8:f32, 0.1>>
  %2 = "qgemm.dequantize"(%1) : (tensor<4x4x!quant.uniform<i8:f32, 0.1>>) -> tensor<4x4xf32>
  // CHECK: "qgemm.sigmoid"{{.*}}qgemm.output = 0 : i64
  %3 = "qgemm.sigmoid"(%0) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  // CHECK: "qgemm.add"{{.*}}qgemm.output = 1 : i64
  %4 = "qgemm.add"(%2, %0) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %3, %4 : tensor<4x4xf32>, tensor<4x4xf32>
}

// The first output that returns a value gets it; the second is a copy.
// CHECK-LABEL: func.func @returned_twice
// CHECK-SAME: qgemm.workspace_bytes = 0
func.func @returned_twice(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<2x2xf32>, tensor<4xf32>) {
  // CHECK: "qgemm.tanh"{{.*}}qgemm.output = 0 : i64
  %0 = "qgemm.tanh"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "qgemm.reshape"(%0) : (tensor<4xf32>) -> tensor<2x2xf32>
  // CHECK: "qgemm.relu"{{.*}}qgemm.output = 2 : i64
  %2 = "qgemm.relu"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<2x2xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @arguments_and_constants_returned
// CHECK-SAME: qgemm.workspace_bytes = 0
// CHECK-NOT: qgemm.offset
// CHECK-NOT: qgemm.output
// CHECK: return
func.func @arguments_and_constants_returned(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<2x2xf32>, tensor<4xf32>) {
  %0 = "qgemm.constant"() {value = dense<1.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %1 = "qgemm.reshape"(%x) : (tensor<4xf32>) -> tensor<2x2xf32>
  return %x, %1, %0 : tensor<4xf32>, tensor<2x2xf32>, tensor<4xf32>
}

// Scratch lives while its op runs: here beside one value, elsewhere reused.
// CHECK-LABEL: func.func @scratch
// CHECK-SAME: qgemm.live_bytes = 1256
func.func @scratch(%x: tensor<1x8x8x1xf32>, %w: tensor<1x3x3x1xf32>) -> tensor<1x8x8x1xf32> {
  // CHECK: "qgemm.conv2d"{{.*}}qgemm.offset = 0 : i64, qgemm.scratch = 256 : i64
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, tile = {mr = 1 : i64, nr = 1 : i64, scratch_bytes = 1000 : i64}} : (tensor<1x8x8x1xf32>, tensor<1x3x3x1xf32>) -> tensor<1x8x8x1xf32>
  // CHECK: "qgemm.conv2d"{{.*}}qgemm.output = 0 : i64, qgemm.scratch = 256 : i64
  %1 = "qgemm.conv2d"(%0, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, tile = {mr = 1 : i64, nr = 1 : i64, scratch_bytes = 1000 : i64}} : (tensor<1x8x8x1xf32>, tensor<1x3x3x1xf32>) -> tensor<1x8x8x1xf32>
  return %1 : tensor<1x8x8x1xf32>
}

// What a concat joins is written into its result, which a function's argument
// cannot be; then it is copied.
// CHECK-LABEL: func.func @into_a_concat
// CHECK-SAME: qgemm.workspace_bytes = 3072
func.func @into_a_concat(%x: tensor<1x256xf32>) -> tensor<256x3xf32> {
  // CHECK: "qgemm.tanh"{{.*}}qgemm.offset = 1024 : i64
  %0 = "qgemm.tanh"(%x) : (tensor<1x256xf32>) -> tensor<1x256xf32>
  // CHECK: "qgemm.sigmoid"{{.*}}qgemm.offset = 2048 : i64
  %1 = "qgemm.sigmoid"(%0) : (tensor<1x256xf32>) -> tensor<1x256xf32>
  // CHECK: "qgemm.concat"{{.*}}qgemm.offset = 0 : i64
  %2 = "qgemm.concat"(%x, %0, %1) {axis = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<1x256xf32>, tensor<1x256xf32>, tensor<1x256xf32>) -> tensor<3x256xf32>
  %3 = "qgemm.transpose"(%2) {perm = array<i64: 1, 0>} : (tensor<3x256xf32>) -> tensor<256x3xf32>
  return %3 : tensor<256x3xf32>
}

// A slice of whole rows lies in what it is cut from; one of columns does not.
// CHECK-LABEL: func.func @slices
func.func @slices(%x: tensor<8x64xf32>) -> (tensor<64x2xf32>, tensor<2x8xf32>) {
  // CHECK: "qgemm.tanh"{{.*}}qgemm.offset = 0 : i64
  %0 = "qgemm.tanh"(%x) : (tensor<8x64xf32>) -> tensor<8x64xf32>
  // CHECK: "qgemm.slice"{{.*}}qgemm.offset = 768 : i64
  %1 = "qgemm.slice"(%0) {starts = array<i64: 3, 0>, sizes = array<i64: 2, 64>, steps = array<i64: 1, 1>} : (tensor<8x64xf32>) -> tensor<2x64xf32>
  // CHECK: "qgemm.slice"{{.*}}qgemm.offset = 2048 : i64
  %2 = "qgemm.slice"(%0) {starts = array<i64: 0, 2>, sizes = array<i64: 8, 2>, steps = array<i64: 1, 1>} : (tensor<8x64xf32>) -> tensor<8x2xf32>
  %3 = "qgemm.transpose"(%1) {perm = array<i64: 1, 0>} : (tensor<2x64xf32>) -> tensor<64x2xf32>
  %4 = "qgemm.transpose"(%2) {perm = array<i64: 1, 0>} : (tensor<8x2xf32>) -> tensor<2x8xf32>
  return %3, %4 : tensor<64x2xf32>, tensor<2x8xf32>
}

// The row of %0 that is added to every row may not be overwritten by the first.
// CHECK-LABEL: func.func @row_of_itself
func.func @row_of_itself(%x: tensor<4x64xf32>) -> (tensor<64x4xf32>, tensor<64x4xf32>) {
  // CHECK: "qgemm.tanh"{{.*}}qgemm.offset = 0 : i64
  %0 = "qgemm.tanh"(%x) : (tensor<4x64xf32>) -> tensor<4x64xf32>
  // CHECK-COUNT-2: "qgemm.slice"{{.*}}qgemm.offset = 0 : i64
  %1 = "qgemm.slice"(%0) {starts = array<i64: 0, 0>, sizes = array<i64: 4, 64>, steps = array<i64: 1, 1>} : (tensor<4x64xf32>) -> tensor<4x64xf32>
  %2 = "qgemm.slice"(%0) {starts = array<i64: 0, 0>, sizes = array<i64: 1, 64>, steps = array<i64: 1, 1>} : (tensor<4x64xf32>) -> tensor<1x64xf32>
  %3 = "qgemm.transpose"(%1) {perm = array<i64: 1, 0>} : (tensor<4x64xf32>) -> tensor<64x4xf32>
  // CHECK: "qgemm.add"{{.*}}qgemm.offset = 1024 : i64
  %4 = "qgemm.add"(%0, %2) : (tensor<4x64xf32>, tensor<1x64xf32>) -> tensor<4x64xf32>
  %5 = "qgemm.transpose"(%4) {perm = array<i64: 1, 0>} : (tensor<4x64xf32>) -> tensor<64x4xf32>
  return %3, %5 : tensor<64x4xf32>, tensor<64x4xf32>
}

// Sharing that would make the workspace larger is not done: the slice would
// keep all of %0 alive beside %2.
// CHECK-LABEL: func.func @copied_slice
// CHECK-SAME: qgemm.workspace_bytes = 8256
func.func @copied_slice(%x: tensor<16x64xf32>) -> (tensor<64x16xf32>, tensor<16xf32>) {
  %0 = "qgemm.tanh"(%x) : (tensor<16x64xf32>) -> tensor<16x64xf32>
  %1 = "qgemm.slice"(%0) {starts = array<i64: 0, 0>, sizes = array<i64: 1, 16>, steps = array<i64: 1, 1>} : (tensor<16x64xf32>) -> tensor<1x16xf32>
  %2 = "qgemm.transpose"(%0) {perm = array<i64: 1, 0>} : (tensor<16x64xf32>) -> tensor<64x16xf32>
  %3 = "qgemm.transpose"(%2) {perm = array<i64: 1, 0>} : (tensor<64x16xf32>) -> tensor<16x64xf32>
  %4 = "qgemm.transpose"(%3) {perm = array<i64: 1, 0>} : (tensor<16x64xf32>) -> tensor<64x16xf32>
  %5 = "qgemm.reshape"(%1) : (tensor<1x16xf32>) -> tensor<16xf32>
  %6 = "qgemm.tanh"(%5) : (tensor<16xf32>) -> tensor<16xf32>
  return %4, %6 : tensor<64x16xf32>, tensor<16xf32>
}

// Tiny values are packed closely: 64 bytes apart they would take four times as
// much.
// CHECK-LABEL: func.func @tiny
// CHECK-SAME: qgemm.live_bytes = 32
// CHECK-SAME: qgemm.workspace_bytes = 32
func.func @tiny(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<1x4xf32>) -> tensor<4x1xf32>
  %1 = "qgemm.transpose"(%0) {perm = array<i64: 1, 0>} : (tensor<4x1xf32>) -> tensor<1x4xf32>
  %2 = "qgemm.transpose"(%1) {perm = array<i64: 1, 0>} : (tensor<1x4xf32>) -> tensor<4x1xf32>
  %3 = "qgemm.transpose"(%2) {perm = array<i64: 1, 0>} : (tensor<4x1xf32>) -> tensor<1x4xf32>
  return %3 : tensor<1x4xf32>
}

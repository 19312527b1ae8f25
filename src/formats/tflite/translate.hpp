// What the translate_*.cpp files share: TFLite nodes to canonical ones. One function per op that is not one to one.
#pragma once

#include "source/op_row.hpp"

namespace qgraph::formats::tflite {

using Lowering = Result<Outputs>(const SourceNode&, GraphBuilder&);

// conv and matmul
Lowering lower_conv_2d, lower_depthwise_conv_2d, lower_conv_3d, lower_transpose_conv, lower_conv_3d_transpose,
    lower_fully_connected, lower_batch_matmul, lower_convolution_2d_transpose_bias;

// elementwise
Lowering lower_bitcast, lower_cast, lower_select, lower_random_uniform, lower_random_standard_normal, lower_multinomial;

// activations, pooling, reductions, quantize
Lowering lower_densify;
Lowering lower_average_pool_3d;
Lowering lower_max_pool_3d;

// data movement
Lowering lower_mirror_pad, lower_reshape, lower_resize, lower_shape, lower_split, lower_squeeze, lower_unsorted_segment;

// state, control flow, recurrent
Lowering lower_var_handle, lower_hashtable;
Lowering lower_bidirectional_lstm, lower_lstm, lower_sequence_lstm;

// custom ops and signal
Lowering lower_landmarks_to_transform_matrix, lower_max_pool_with_argmax, lower_max_pooling_with_argmax, lower_max_unpooling_2d,
    lower_soft_non_max_suppression, lower_spectral_subtraction, lower_transform_landmarks, lower_transform_tensor;

}  // namespace qgraph::formats::tflite

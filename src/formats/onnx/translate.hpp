// What the translate_*.cpp files share: ONNX nodes to canonical ones. One function per op that is not one to one.
#pragma once

#include "source/op_row.hpp"

namespace qgraph::formats::onnx {

using Lowering = Result<Outputs>(const SourceNode&, GraphBuilder&);

// quantization
Lowering lower_quantize_linear, lower_dequantize_linear, lower_dynamic_quantize_linear, lower_quant, lower_bipolar_quant,
    lower_trunc, lower_fake_quantize, lower_requant_shift;

// conv, matmul
Lowering lower_conv, lower_conv_integer, lower_qlinear_conv, lower_conv_transpose, lower_gemm, lower_matmul, lower_matmul_integer,
    lower_qlinear_matmul;

// pooling, normalization, activations
Lowering lower_max_pool, lower_average_pool, lower_lp_pool, lower_global_pool, lower_softmax, lower_batch_normalization,
    lower_layer_normalization, lower_group_normalization, lower_lrn, lower_lp_normalization, lower_mean_variance_normalization,
    lower_activation, lower_gelu, lower_quick_gelu, lower_prelu, lower_clip, lower_dropout;

// com.microsoft
Lowering lower_qlinear_binary, lower_qlinear_unary, lower_qlinear_concat, lower_qlinear_where, lower_qlinear_average_pool,
    lower_qlinear_global_average_pool, lower_qlinear_softmax, lower_qgemm, lower_matmul_integer_to_float,
    lower_dynamic_quantize_matmul, lower_matmul_nbits, lower_gather_block_quantized, lower_skip_layer_normalization,
    lower_embed_layer_normalization, lower_fused_conv, lower_fused_gemm, lower_fused_matmul;

// resampling, recurrent
Lowering lower_resize, lower_upsample, lower_grid_sample, lower_roi_align, lower_lstm, lower_gru, lower_rnn,
    lower_dynamic_quantize_lstm;

// attention
Lowering lower_max_unpool, lower_microsoft_attention, lower_qattention, lower_attention, lower_multi_head_attention,
    lower_rotary_embedding, lower_linear_attention, lower_causal_conv;

// movement, elementwise, reduction, control flow, sequences, random, the rest
Lowering lower_optional, lower_optional_get_element, lower_optional_has_element, lower_sequence_map;
Lowering lower_swiglu;
Lowering lower_sequence_construct, lower_sequence_insert, lower_sequence_erase, lower_sequence_at, lower_split_to_sequence,
    lower_concat_from_sequence;
Lowering lower_tensor_scatter;
Lowering lower_range;
Lowering lower_random, lower_bernoulli, lower_multinomial, lower_string_normalizer, lower_string_split, lower_col2im,
    lower_center_crop_pad;
Lowering lower_window, lower_mel_weight_matrix, lower_dft, lower_negative_log_likelihood, lower_softmax_cross_entropy,
    lower_unique, lower_tf_idf, lower_if, lower_loop, lower_scan;
Lowering lower_arithmetic, lower_old_binary, lower_function, lower_sum, lower_max, lower_min, lower_mean, lower_pow, lower_mod,
    lower_bit_shift, lower_reciprocal, lower_whole, lower_abs, lower_sign, lower_is_inf, lower_is_nan, lower_cast, lower_bitcast,
    lower_shrink, lower_identity, lower_reduce, lower_arg_extreme, lower_cumulative, lower_top_k, lower_non_zero, lower_reshape,
    lower_squeeze, lower_unsqueeze, lower_flatten, lower_transpose, lower_concat, lower_split, lower_slice, lower_gather,
    lower_gather_nd, lower_pad, lower_tile, lower_expand, lower_shape, lower_size, lower_constant_of_shape, lower_one_hot,
    lower_block_space, lower_reverse_sequence, lower_eye_like, lower_compress;

}  // namespace qgraph::formats::onnx

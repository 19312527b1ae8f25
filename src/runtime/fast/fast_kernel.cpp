// The ops that have fast kernels. More than one may try.
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr FastKernel table[] = {
    {"conv_2d", fast_convolution},
    {"conv_2d", fast_hybrid_convolution},
    {"conv_2d", fast_wide_convolution},
    {"conv_2d", fast_float_convolution},
    {"depthwise_conv_2d", fast_depthwise},
    {"depthwise_conv_2d", fast_hybrid_depthwise},
    {"depthwise_conv_2d", fast_wide_depthwise},
    {"fully_connected", fast_convolution},
    {"fully_connected", fast_hybrid_convolution},
    {"fully_connected", fast_wide_convolution},
    {"fully_connected", fast_blockwise},
    {"fully_connected", fast_float_convolution},
    {"conv_2d", fast_float_rows},
    {"depthwise_conv_2d", fast_float_depthwise},
    {"fully_connected", fast_float_rows},
    // Functions of one 8-bit operand.
    {"abs", fast_byte_table},
    {"add", fast_byte_table},
    {"dequantize", fast_byte_table},
    {"elu", fast_byte_table},
    {"exp", fast_byte_table},
    {"gelu", fast_byte_table},
    {"hard_swish", fast_byte_table},
    {"leaky_relu", fast_byte_table},
    {"log", fast_byte_table},
    {"logistic", fast_byte_table},
    {"maximum", fast_byte_table},
    {"minimum", fast_byte_table},
    {"mul", fast_byte_table},
    {"neg", fast_byte_table},
    {"prelu", fast_byte_table},
    {"quantize", fast_byte_table},
    {"quantize", fast_quantize},
    {"relu", fast_byte_table},
    {"relu6", fast_byte_table},
    {"relu_0_to_1", fast_byte_table},
    {"relu_n1_to_1", fast_byte_table},
    {"rsqrt", fast_byte_table},
    {"sqrt", fast_byte_table},
    {"sub", fast_byte_table},
    {"tanh", fast_byte_table},
    // Where no operand is a constant scalar.
    {"add", fast_sum},
    {"mul", fast_product},
    {"sub", fast_difference},
    // The same in float arithmetic.
    {"add", fast_real_sum},
    {"mul", fast_real_product},
    {"sub", fast_real_difference},
    {"fused.binary", fast_fused_binary},
    {"fused.channel_table", fast_fused_channel_table},
    {"fused.table", fast_fused_table},
    {"squared_difference", fast_squared_difference},
    {"maximum", fast_maximum},
    {"minimum", fast_minimum},
    // Others.
    {"arg_max", fast_arg_max},
    {"arg_min", fast_arg_min},
    {"batch_matmul", fast_float_matmul},
    {"batch_matmul", fast_batch_matmul},
    {"batch_matmul", fast_constant_matmul},
    {"batch_matmul", fast_float_batch_matmul},
    {"conv_integer", fast_integer_depthwise},
    {"conv_integer", fast_conv_integer},
    {"dynamic_quantize", fast_dynamic_quantize},
    {"matmul_integer", fast_matmul_integer},
    {"average_pool_2d", fast_average_pool},
    {"average_pool_2d", fast_float_average_pool},
    {"fused.average_pool", fast_fused_average_pool},
    {"max_pool_2d", fast_max_pool},
    {"max_pool_2d", fast_float_max_pool},
    {"erf", fast_erf},
    {"logistic", fast_logistic},
    {"resize_bilinear", fast_resize_bilinear},
    {"rfft_2d", fast_fourier},
    {"tflite.lstm", fast_dot_rows},
    {"tflite.svdf", fast_dot_rows},
    {"transpose_conv_2d", fast_transpose_convolution},
    {"softmax", fast_softmax},
    {"tanh", fast_tanh},
};

}  // namespace

std::span<const FastKernel> fast_kernels() noexcept { return table; }

}  // namespace qgraph::runtime

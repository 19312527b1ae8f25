// One row per op: its name in the schema, the newest version that is understood, its operands, its options table and the
// canonical op.
#include "formats/tflite/op_table.hpp"

#include <algorithm>
#include <array>

#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {
namespace {

/// Operands in order, attributes of the same name as the fields of the options table.
constexpr OpRow straight(std::string_view op, int max_version, std::string_view operands, std::string_view to,
                         std::string_view options = {}) {
  return {.op = op, .domain = "tflite", .max_version = max_version, .operands = operands, .options = options, .to = to};
}

constexpr auto rows = [] {
  // A row a line, or two.
  // clang-format off
  std::array table{
      // conv and matmul
      OpRow{.op = "CONV_2D", .domain = "tflite", .max_version = 8, .operands = "input weights bias?", .options = "Conv2DOptions",
            .lower = lower_conv_2d, .integer_accumulator = true},
      OpRow{.op = "DEPTHWISE_CONV_2D", .domain = "tflite", .max_version = 7, .operands = "input weights bias?",
            .options = "DepthwiseConv2DOptions", .lower = lower_depthwise_conv_2d, .integer_accumulator = true},
      OpRow{.op = "TRANSPOSE_CONV", .domain = "tflite", .max_version = 5, .operands = "output_shape weights input bias?",
            .options = "TransposeConvOptions", .lower = lower_transpose_conv, .integer_accumulator = true},
      OpRow{.op = "FULLY_CONNECTED", .domain = "tflite", .max_version = 14, .operands = "input weights bias?",
            .options = "FullyConnectedOptions", .lower = lower_fully_connected, .integer_accumulator = true},
      OpRow{.op = "BATCH_MATMUL", .domain = "tflite", .max_version = 4, .operands = "x y", .options = "BatchMatMulOptions",
            .lower = lower_batch_matmul},
      OpRow{.op = "CONV_3D", .domain = "tflite", .max_version = 1, .operands = "input weights bias?", .options = "Conv3DOptions",
            .lower = lower_conv_3d},
      OpRow{.op = "CONV_3D_TRANSPOSE", .domain = "tflite", .max_version = 1, .operands = "output_shape weights input bias?",
            .options = "Conv3DOptions", .lower = lower_conv_3d_transpose},
      OpRow{.op = "EMBEDDING_LOOKUP", .domain = "tflite", .max_version = 5, .operands = "ids table", .to = "embedding_lookup"},
      OpRow{.op = "Convolution2DTransposeBias", .domain = "tflite.custom", .operands = "input weights bias?",
            .lower = lower_convolution_2d_transpose_bias, .integer_accumulator = true},

      // elementwise
      OpRow{.op = "ADD", .domain = "tflite", .max_version = 6, .operands = "x y", .options = "AddOptions?", .to = "add"},
      OpRow{.op = "SUB", .domain = "tflite", .max_version = 5, .operands = "x y", .options = "SubOptions?", .to = "sub"},
      OpRow{.op = "MUL", .domain = "tflite", .max_version = 8, .operands = "x y", .options = "MulOptions?", .to = "mul"},
      OpRow{.op = "DIV", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "DivOptions?", .to = "div"},
      OpRow{.op = "MAXIMUM", .domain = "tflite", .max_version = 4, .operands = "x y", .options = "MaximumMinimumOptions?", .to = "maximum"},
      OpRow{.op = "MINIMUM", .domain = "tflite", .max_version = 4, .operands = "x y", .options = "MaximumMinimumOptions?", .to = "minimum"},
      OpRow{.op = "SQUARED_DIFFERENCE", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "SquaredDifferenceOptions?", .to = "squared_difference"},
      OpRow{.op = "POW", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "PowOptions?", .to = "pow"},
      OpRow{.op = "FLOOR_DIV", .domain = "tflite", .max_version = 3, .operands = "x y", .options = "FloorDivOptions?", .to = "floor_div"},
      OpRow{.op = "FLOOR_MOD", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "FloorModOptions?", .to = "floor_mod"},
      OpRow{.op = "ATAN2", .domain = "tflite", .max_version = 1, .operands = "y x", .to = "atan2"},
      OpRow{.op = "ADD_N", .domain = "tflite", .max_version = 1, .operands = "inputs*", .options = "AddNOptions?", .to = "add_n"},
      OpRow{.op = "EQUAL", .domain = "tflite", .max_version = 5, .operands = "x y", .options = "EqualOptions?", .to = "equal"},
      OpRow{.op = "NOT_EQUAL", .domain = "tflite", .max_version = 4, .operands = "x y", .options = "NotEqualOptions?", .to = "not_equal"},
      OpRow{.op = "LESS", .domain = "tflite", .max_version = 3, .operands = "x y", .options = "LessOptions?", .to = "less"},
      OpRow{.op = "LESS_EQUAL", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "LessEqualOptions?", .to = "less_equal"},
      OpRow{.op = "GREATER", .domain = "tflite", .max_version = 2, .operands = "x y", .options = "GreaterOptions?", .to = "greater"},
      OpRow{.op = "GREATER_EQUAL", .domain = "tflite", .max_version = 3, .operands = "x y", .options = "GreaterEqualOptions?", .to = "greater_equal"},
      OpRow{.op = "LOGICAL_AND", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "LogicalAndOptions?", .to = "logical_and"},
      OpRow{.op = "LOGICAL_OR", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "LogicalOrOptions?", .to = "logical_or"},
      OpRow{.op = "LOGICAL_NOT", .domain = "tflite", .max_version = 1, .operands = "input", .options = "LogicalNotOptions?", .to = "logical_not"},
      OpRow{.op = "BITWISE_XOR", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "BitwiseXorOptions?", .to = "bitwise_xor"},
      OpRow{.op = "RIGHT_SHIFT", .domain = "tflite", .max_version = 1, .operands = "x y", .options = "RightShiftOptions?", .to = "right_shift"},
      OpRow{.op = "BITCAST", .domain = "tflite", .max_version = 1, .operands = "input", .options = "BitcastOptions?", .lower = lower_bitcast},
      OpRow{.op = "ABS", .domain = "tflite", .max_version = 5, .operands = "input", .options = "AbsOptions?", .to = "abs"},
      OpRow{.op = "NEG", .domain = "tflite", .max_version = 1, .operands = "input", .options = "NegOptions?", .to = "neg"},
      OpRow{.op = "SIGN", .domain = "tflite", .max_version = 2, .operands = "input", .options = "SignOptions?", .to = "sign"},
      OpRow{.op = "ROUND", .domain = "tflite", .max_version = 1, .operands = "input", .to = "round"},
      OpRow{.op = "CEIL", .domain = "tflite", .max_version = 1, .operands = "input", .to = "ceil"},
      OpRow{.op = "FLOOR", .domain = "tflite", .max_version = 1, .operands = "input", .to = "floor"},
      OpRow{.op = "EXP", .domain = "tflite", .max_version = 2, .operands = "input", .options = "ExpOptions?", .to = "exp"},
      OpRow{.op = "LOG", .domain = "tflite", .max_version = 2, .operands = "input", .to = "log"},
      OpRow{.op = "SQRT", .domain = "tflite", .max_version = 2, .operands = "input", .to = "sqrt"},
      OpRow{.op = "RSQRT", .domain = "tflite", .max_version = 3, .operands = "input", .to = "rsqrt"},
      OpRow{.op = "SIN", .domain = "tflite", .max_version = 2, .operands = "input", .to = "sin"},
      OpRow{.op = "COS", .domain = "tflite", .max_version = 2, .operands = "input", .options = "CosOptions?", .to = "cos"},
      OpRow{.op = "SQUARE", .domain = "tflite", .max_version = 1, .operands = "input", .options = "SquareOptions?", .to = "square"},
      OpRow{.op = "ZEROS_LIKE", .domain = "tflite", .max_version = 1, .operands = "input", .options = "ZerosLikeOptions?", .to = "zeros_like"},
      OpRow{.op = "CAST", .domain = "tflite", .max_version = 9, .operands = "input", .options = "CastOptions?", .lower = lower_cast},
      OpRow{.op = "SELECT", .domain = "tflite", .max_version = 4, .operands = "condition x y", .options = "SelectOptions?", .lower = lower_select},
      OpRow{.op = "SELECT_V2", .domain = "tflite", .max_version = 2, .operands = "condition x y", .options = "SelectV2Options?", .to = "select"},
      OpRow{.op = "WHERE", .domain = "tflite", .max_version = 2, .operands = "condition", .options = "WhereOptions?", .to = "where"},
      OpRow{.op = "BUCKETIZE", .domain = "tflite", .max_version = 1, .operands = "input", .options = "BucketizeOptions", .to = "bucketize"},
      OpRow{.op = "CUMSUM", .domain = "tflite", .max_version = 1, .operands = "input axis", .options = "CumsumOptions?", .to = "cumsum"},
      OpRow{.op = "COMPLEX_ABS", .domain = "tflite", .max_version = 1, .operands = "input", .to = "complex_abs"},
      OpRow{.op = "REAL", .domain = "tflite", .max_version = 1, .operands = "input", .to = "real"},
      OpRow{.op = "IMAG", .domain = "tflite", .max_version = 1, .operands = "input", .to = "imag"},
      OpRow{.op = "RANDOM_UNIFORM", .domain = "tflite", .max_version = 1, .operands = "shape", .options = "RandomOptions", .lower = lower_random_uniform},
      OpRow{.op = "RANDOM_STANDARD_NORMAL", .domain = "tflite", .max_version = 1, .operands = "shape", .options = "RandomOptions", .lower = lower_random_standard_normal},
      OpRow{.op = "MULTINOMIAL", .domain = "tflite", .max_version = 1, .operands = "logits samples", .options = "RandomOptions", .lower = lower_multinomial},

      // activations, pooling, reductions, quantize
      straight("RELU", 3, "input", "relu"),
      straight("RELU6", 3, "input", "relu6"),
      straight("RELU_N1_TO_1", 1, "input", "relu_n1_to_1"),
      straight("RELU_0_TO_1", 1, "input", "relu_0_to_1"),
      straight("PRELU", 1, "input alpha", "prelu"),
      straight("LEAKY_RELU", 2, "input", "leaky_relu", "LeakyReluOptions"),
      straight("ELU", 1, "input", "elu"),
      straight("GELU", 2, "input", "gelu", "GeluOptions?"),
      straight("HARD_SWISH", 1, "input", "hard_swish", "HardSwishOptions?"),
      straight("LOGISTIC", 3, "input", "logistic"),
      straight("TANH", 3, "input", "tanh"),
      straight("SOFTMAX", 3, "input", "softmax", "SoftmaxOptions"),
      straight("LOG_SOFTMAX", 2, "input", "log_softmax", "LogSoftmaxOptions?"),
      straight("L2_NORMALIZATION", 2, "input", "l2_normalization", "L2NormOptions?"),
      straight("LOCAL_RESPONSE_NORMALIZATION", 1, "input", "local_response_normalization", "LocalResponseNormalizationOptions"),
      straight("AVERAGE_POOL_2D", 3, "input", "average_pool_2d", "Pool2DOptions"),
      straight("MAX_POOL_2D", 3, "input", "max_pool_2d", "Pool2DOptions"),
      straight("L2_POOL_2D", 1, "input", "l2_pool_2d", "Pool2DOptions"),
      straight("MEAN", 3, "input axes", "mean", "ReducerOptions?"),
      straight("SUM", 2, "input axes", "sum", "ReducerOptions?"),
      straight("REDUCE_PROD", 2, "input axes", "reduce_prod", "ReducerOptions?"),
      straight("REDUCE_MAX", 3, "input axes", "reduce_max", "ReducerOptions?"),
      straight("REDUCE_MIN", 3, "input axes", "reduce_min", "ReducerOptions?"),
      straight("REDUCE_ANY", 1, "input axes", "reduce_any", "ReducerOptions?"),
      straight("REDUCE_ALL", 1, "input axes", "reduce_all", "ReducerOptions?"),
      straight("ARG_MAX", 3, "input axis", "arg_max", "ArgMaxOptions"),
      straight("ARG_MIN", 3, "input axis", "arg_min", "ArgMinOptions"),
      straight("QUANTIZE", 6, "input", "quantize", "QuantizeOptions?"),
      straight("DEQUANTIZE", 9, "input", "dequantize", "DequantizeOptions?"),
      OpRow{.op = "DENSIFY", .domain = "tflite", .max_version = 1, .operands = "input", .options = "DensifyOptions?", .lower = &lower_densify},
      straight("FAKE_QUANT", 2, "input", "fake_quant", "FakeQuantOptions"),
      OpRow{.op = "AveragePool3D", .domain = "tflite.custom", .operands = "input", .lower = &lower_average_pool_3d},
      OpRow{.op = "MaxPool3D", .domain = "tflite.custom", .operands = "input", .lower = &lower_max_pool_3d},
      straight("SVDF", 4, "input weights_feature weights_time bias? state", "tflite.svdf", "SVDFOptions"),
      straight("RNN", 3, "input weights recurrent_weights bias hidden_state", "tflite.rnn", "RNNOptions?"),
      straight("UNIDIRECTIONAL_SEQUENCE_RNN", 3, "input weights recurrent_weights bias hidden_state",
               "tflite.unidirectional_sequence_rnn", "SequenceRNNOptions?"),
      straight("BIDIRECTIONAL_SEQUENCE_RNN", 3,
               "input fw_weights fw_recurrent_weights fw_bias fw_hidden_state bw_weights bw_recurrent_weights bw_bias bw_hidden_state "
               "aux_input? fw_aux_weights? bw_aux_weights?",
               "tflite.bidirectional_sequence_rnn", "BidirectionalSequenceRNNOptions?"),

      // data movement
      OpRow{.op = "BATCH_TO_SPACE_ND", .domain = "tflite", .max_version = 4, .operands = "input block_shape crops", .options =
          "BatchToSpaceNDOptions?", .to = "batch_to_space_nd"},
      OpRow{.op = "BROADCAST_ARGS", .domain = "tflite", .max_version = 1, .operands = "shape0 shape1", .to = "broadcast_args"},
      OpRow{.op = "BROADCAST_TO", .domain = "tflite", .max_version = 4, .operands = "input shape", .options =
          "BroadcastToOptions?", .to = "broadcast_to"},
      OpRow{.op = "CONCATENATION", .domain = "tflite", .max_version = 7, .operands = "inputs*", .options = "ConcatenationOptions",
          .to = "concatenation"},
      OpRow{.op = "DEPTH_TO_SPACE", .domain = "tflite", .max_version = 2, .operands = "input", .options = "DepthToSpaceOptions",
          .to = "depth_to_space"},
      OpRow{.op = "DILATE", .domain = "tflite", .max_version = 1, .operands = "input dilations value", .options = "DilateOptions?", .to = "dilate"},
      OpRow{.op = "DYNAMIC_UPDATE_SLICE", .domain = "tflite", .max_version = 6, .operands = "operand update start_indices",
          .options = "DynamicUpdateSliceOptions?", .to = "dynamic_update_slice"},
      OpRow{.op = "EXPAND_DIMS", .domain = "tflite", .max_version = 1, .operands = "input axis", .options = "ExpandDimsOptions?", .to =
          "expand_dims"},
      OpRow{.op = "FILL", .domain = "tflite", .max_version = 5, .operands = "dims value", .options = "FillOptions?", .to =
          "fill"},
      OpRow{.op = "GATHER", .domain = "tflite", .max_version = 8, .operands = "input indices", .options = "GatherOptions?", .to =
          "gather"},
      OpRow{.op = "GATHER_ND", .domain = "tflite", .max_version = 6, .operands = "input indices", .options = "GatherNdOptions?",
          .to = "gather_nd"},
      OpRow{.op = "MATRIX_DIAG", .domain = "tflite", .max_version = 1, .operands = "input", .options = "MatrixDiagOptions?", .to = "matrix_diag"},
      OpRow{.op = "MATRIX_SET_DIAG", .domain = "tflite", .max_version = 1, .operands = "input diagonal", .options = "MatrixSetDiagOptions?", .to =
          "matrix_set_diag"},
      OpRow{.op = "MIRROR_PAD", .domain = "tflite", .max_version = 3, .operands = "input paddings", .options = "MirrorPadOptions",
          .lower = &lower_mirror_pad},
      OpRow{.op = "ONE_HOT", .domain = "tflite", .max_version = 1, .operands = "indices depth on_value off_value", .options = "OneHotOptions?",
          .to = "one_hot"},
      OpRow{.op = "PACK", .domain = "tflite", .max_version = 5, .operands = "inputs*", .options = "PackOptions", .to = "pack"},
      OpRow{.op = "PAD", .domain = "tflite", .max_version = 6, .operands = "input paddings", .options = "PadOptions?", .to =
          "pad"},
      OpRow{.op = "PADV2", .domain = "tflite", .max_version = 6, .operands = "input paddings value", .options = "PadV2Options?",
          .to = "pad"},
      OpRow{.op = "RANGE", .domain = "tflite", .max_version = 2, .operands = "start limit delta", .options = "RangeOptions?", .to = "range"},
      OpRow{.op = "RANK", .domain = "tflite", .max_version = 1, .operands = "input", .options = "RankOptions?", .to = "rank"},
      OpRow{.op = "RESHAPE", .domain = "tflite", .max_version = 1, .operands = "input shape?", .options = "ReshapeOptions?", .lower =
          &lower_reshape},
      OpRow{.op = "RESIZE_BILINEAR", .domain = "tflite", .max_version = 4, .operands = "input size", .options =
          "ResizeBilinearOptions?", .lower = &lower_resize},
      OpRow{.op = "RESIZE_NEAREST_NEIGHBOR", .domain = "tflite", .max_version = 4, .operands = "input size", .options =
          "ResizeNearestNeighborOptions?", .lower = &lower_resize},
      OpRow{.op = "REVERSE_SEQUENCE", .domain = "tflite", .max_version = 1, .operands = "input lengths", .options = "ReverseSequenceOptions?", .to =
          "reverse_sequence"},
      OpRow{.op = "REVERSE_V2", .domain = "tflite", .max_version = 4, .operands = "input axes", .options = "ReverseV2Options?",
          .to = "reverse"},
      OpRow{.op = "SCATTER_ND", .domain = "tflite", .max_version = 1, .operands = "indices updates shape", .options = "ScatterNdOptions?", .to =
          "scatter_nd"},
      OpRow{.op = "SEGMENT_SUM", .domain = "tflite", .max_version = 1, .operands = "input segment_ids", .options = "SegmentSumOptions?", .to =
          "segment_sum"},
      OpRow{.op = "SHAPE", .domain = "tflite", .max_version = 1, .operands = "input", .options = "ShapeOptions?", .lower = &lower_shape},
      OpRow{.op = "SLICE", .domain = "tflite", .max_version = 8, .operands = "input begin size", .options = "SliceOptions?", .to =
          "slice"},
      OpRow{.op = "SPACE_TO_BATCH_ND", .domain = "tflite", .max_version = 4, .operands = "input block_shape paddings", .options =
          "SpaceToBatchNDOptions?", .to = "space_to_batch_nd"},
      OpRow{.op = "SPACE_TO_DEPTH", .domain = "tflite", .max_version = 2, .operands = "input", .options = "SpaceToDepthOptions",
          .to = "space_to_depth"},
      OpRow{.op = "SPARSE_TO_DENSE", .domain = "tflite", .max_version = 3, .operands = "indices shape values default_value",
          .options = "SparseToDenseOptions?", .to = "sparse_to_dense"},
      OpRow{.op = "SPLIT", .domain = "tflite", .max_version = 5, .operands = "axis input", .options = "SplitOptions", .lower =
          &lower_split},
      OpRow{.op = "SPLIT_V", .domain = "tflite", .max_version = 3, .operands = "input sizes axis", .options = "SplitVOptions",
          .to = "split"},
      OpRow{.op = "SQUEEZE", .domain = "tflite", .max_version = 2, .operands = "input", .options = "SqueezeOptions?", .lower =
          &lower_squeeze},
      OpRow{.op = "STRIDED_SLICE", .domain = "tflite", .max_version = 8, .operands = "input begin end strides", .options =
          "StridedSliceOptions?", .to = "strided_slice"},
      OpRow{.op = "TILE", .domain = "tflite", .max_version = 3, .operands = "input multiples", .options = "TileOptions?", .to =
          "tile"},
      OpRow{.op = "TOPK_V2", .domain = "tflite", .max_version = 3, .operands = "input k", .options = "TopKV2Options?", .to =
          "top_k"},
      OpRow{.op = "TRANSPOSE", .domain = "tflite", .max_version = 8, .operands = "input perm", .options = "TransposeOptions?",
          .to = "transpose"},
      OpRow{.op = "UNIQUE", .domain = "tflite", .max_version = 1, .operands = "input", .options = "UniqueOptions?", .to = "unique"},
      OpRow{.op = "UNPACK", .domain = "tflite", .max_version = 6, .operands = "input", .options = "UnpackOptions", .to =
          "unpack"},
      OpRow{.op = "UNSORTED_SEGMENT_MAX", .domain = "tflite", .max_version = 1, .operands = "input segment_ids num_segments", .options =
          "UnsortedSegmentMaxOptions?", .lower = &lower_unsorted_segment},
      OpRow{.op = "UNSORTED_SEGMENT_MIN", .domain = "tflite", .max_version = 1, .operands = "input segment_ids num_segments", .options =
          "UnsortedSegmentMinOptions?", .lower = &lower_unsorted_segment},
      OpRow{.op = "UNSORTED_SEGMENT_PROD", .domain = "tflite", .max_version = 1, .operands = "input segment_ids num_segments", .options =
          "UnsortedSegmentProdOptions?", .lower = &lower_unsorted_segment},
      OpRow{.op = "UNSORTED_SEGMENT_SUM", .domain = "tflite", .max_version = 1, .operands = "input segment_ids num_segments", .options =
          "UnsortedSegmentSumOptions?", .lower = &lower_unsorted_segment},

      // state, control flow, recurrent
      OpRow{.op = "ASSIGN_VARIABLE", .domain = "tflite", .max_version = 1, .operands = "resource value", .options = "AssignVariableOptions?",
          .to = "assign_variable"},
      OpRow{.op = "CALL", .domain = "tflite", .operands = "inputs*", .options = "CallOptions", .to = "call"},
      OpRow{.op = "CALL_ONCE", .domain = "tflite", .max_version = 1, .operands = "", .options = "CallOnceOptions", .to = "call_once"},
      OpRow{.op = "HASHTABLE", .domain = "tflite", .max_version = 1, .operands = "", .options = "HashtableOptions", .lower = &lower_hashtable},
      OpRow{.op = "HASHTABLE_FIND", .domain = "tflite", .max_version = 1, .operands = "table keys default_value", .options = "HashtableFindOptions?",
          .to = "hashtable_find"},
      OpRow{.op = "HASHTABLE_IMPORT", .domain = "tflite", .max_version = 1, .operands = "table keys values", .options = "HashtableImportOptions?",
          .to = "hashtable_import"},
      OpRow{.op = "HASHTABLE_SIZE", .domain = "tflite", .max_version = 1, .operands = "table", .options = "HashtableSizeOptions?", .to = "hashtable_size"},
      OpRow{.op = "IF", .domain = "tflite", .max_version = 1, .operands = "condition inputs*", .options = "IfOptions", .to = "if_else"},
      OpRow{.op = "READ_VARIABLE", .domain = "tflite", .max_version = 1, .operands = "resource", .options = "ReadVariableOptions?", .to = "read_variable"},
      OpRow{.op = "STABLEHLO_COMPOSITE", .domain = "tflite", .max_version = 1, .operands = "inputs*", .options = "StableHLOCompositeOptions", .to = "call"},
      OpRow{.op = "VAR_HANDLE", .domain = "tflite", .max_version = 1, .operands = "", .options = "VarHandleOptions", .lower = &lower_var_handle},
      OpRow{.op = "WHILE", .domain = "tflite", .max_version = 1, .operands = "variables*", .options = "WhileOptions", .to = "while_loop"},
      OpRow{.op = "BIDIRECTIONAL_SEQUENCE_LSTM", .domain = "tflite", .max_version = 3, .operands = "input operands*", .options = "BidirectionalSequenceLSTMOptions", .lower = lower_bidirectional_lstm},
      OpRow{.op = "LSTM", .domain = "tflite", .max_version = 4, .operands = "input operands*", .options = "LSTMOptions", .lower = lower_lstm},
      OpRow{.op = "UNIDIRECTIONAL_SEQUENCE_LSTM", .domain = "tflite", .max_version = 4, .operands = "input operands*", .options = "UnidirectionalSequenceLSTMOptions", .lower = lower_sequence_lstm},

      // custom ops and signal
      OpRow{.op = "NON_MAX_SUPPRESSION_V4", .domain = "tflite", .max_version = 1, .operands = "boxes scores max_output_size iou_threshold score_threshold",
          .options = "NonMaxSuppressionV4Options?", .to = "non_max_suppression"},
      OpRow{.op = "NON_MAX_SUPPRESSION_V5", .domain = "tflite", .max_version = 1,
          .operands = "boxes scores max_output_size iou_threshold score_threshold sigma", .options = "NonMaxSuppressionV5Options?",
          .lower = &lower_soft_non_max_suppression},
      OpRow{.op = "RFFT2D", .domain = "tflite", .max_version = 1, .operands = "input fft_length", .options = "Rfft2dOptions?", .to = "rfft_2d"},
      OpRow{.op = "Landmarks2TransformMatrix", .domain = "tflite.custom", .max_version = 2, .operands = "landmarks",
          .lower = &lower_landmarks_to_transform_matrix},
      OpRow{.op = "MaxPoolWithArgmax", .domain = "tflite.custom", .operands = "input", .lower = &lower_max_pool_with_argmax},
      OpRow{.op = "MaxPoolingWithArgmax2D", .domain = "tflite.custom", .operands = "input", .lower = &lower_max_pooling_with_argmax},
      OpRow{.op = "MaxUnpooling2D", .domain = "tflite.custom", .operands = "input indices", .lower = &lower_max_unpooling_2d},
      OpRow{.op = "PosenetDecoderOp", .domain = "tflite.custom", .operands = "heatmaps short_offsets mid_offsets long_offsets?",
          .to = "tflite.posenet_decoder"},
      OpRow{.op = "SignalEnergy", .domain = "tflite.custom", .operands = "input", .to = "tflite.signal_energy"},
      OpRow{.op = "SignalFftAutoScale", .domain = "tflite.custom", .operands = "input", .to = "tflite.signal_fft_auto_scale"},
      OpRow{.op = "SignalFilterBank", .domain = "tflite.custom",
          .operands = "input weights unweights frequency_starts weight_starts widths", .to = "tflite.signal_filter_bank"},
      OpRow{.op = "SignalFilterBankLog", .domain = "tflite.custom", .operands = "input", .to = "tflite.signal_filter_bank_log"},
      OpRow{.op = "SignalFilterBankSpectralSubtraction", .domain = "tflite.custom", .operands = "input",
          .lower = &lower_spectral_subtraction},
      OpRow{.op = "SignalFilterBankSquareRoot", .domain = "tflite.custom", .operands = "input scale_bits",
          .to = "tflite.signal_filter_bank_square_root"},
      OpRow{.op = "SignalPCAN", .domain = "tflite.custom", .operands = "input noise_estimate gain_table", .to = "tflite.signal_pcan"},
      OpRow{.op = "SignalRfft", .domain = "tflite.custom", .operands = "input", .to = "tflite.signal_rfft"},
      OpRow{.op = "SignalWindow", .domain = "tflite.custom", .operands = "input window", .to = "tflite.signal_window"},
      OpRow{.op = "TFLite_Detection_PostProcess", .domain = "tflite.custom", .operands = "boxes scores anchors",
          .to = "tflite.detection_post_process"},
      OpRow{.op = "TransformLandmarks", .domain = "tflite.custom", .max_version = 2, .operands = "landmarks matrix",
          .lower = &lower_transform_landmarks},
      OpRow{.op = "TransformTensor", .domain = "tflite.custom", .operands = "input matrix", .lower = &lower_transform_tensor},
      OpRow{.op = "TransformTensorBilinear", .domain = "tflite.custom", .max_version = 2, .operands = "input matrix",
          .lower = &lower_transform_tensor},
  };
  // clang-format on
  std::ranges::sort(table, {}, &OpRow::op);
  return table;
}();

}  // namespace

std::span<const OpRow> op_table() noexcept { return rows; }

}  // namespace qgraph::formats::tflite

"""Cases of ONNX's quantized and neural ops, answered by ONNX Runtime."""
import numpy as np
from onnx import numpy_helper
from onnx_cases import case, integers, reals, stored

MS = 'com.microsoft'
F = np.float32

# quantize, dequantize
for zero in ('int8', 'uint8', 'int16', 'uint16'):
    z = ('int8', -3) if zero == 'int8' else (zero, 7)
    case('quantize', f'quantize_{zero}', 'QuantizeLinear', [reals(3, 7, low=-20, high=20), 0.13, z])
    case('quantize', f'dequantize_{zero}', 'DequantizeLinear', [integers(zero, 3, 7), 0.13, z])
case('quantize', 'ties', 'QuantizeLinear', [np.arange(-6, 7, dtype=F) / 2, 1.0, ('uint8', 128)])
case('quantize', 'per_axis', 'QuantizeLinear', [reals(2, 3, 4), stored(F([0.1, 0.02, 0.5])), stored(np.uint8([0, 128, 7]))], axis=1)
case('quantize', 'per_axis_at_run_time', 'QuantizeLinear', [reals(2, 3, 4), F([0.1, 0.02, 0.5]), np.int8([0, 1, -7])], axis=-2)
case('quantize', 'scale_at_run_time', 'QuantizeLinear', [reals(2, 3), F(0.1), np.uint8(3)])
case('quantize', 'blocks', 'QuantizeLinear', [reals(4, 6), stored(np.abs(reals(4, 3, seed=1)) / 10 + F(0.01)), stored(integers('int8', 4, 3, low=-9, high=9))], axis=1, block_size=2)
case('quantize', 'dequantize_blocks', 'DequantizeLinear', [integers('int8', 4, 6), stored(np.abs(reals(2, 6, seed=1)) / 10 + F(0.01)), stored(integers('int8', 2, 6, low=-9, high=9))], axis=0, block_size=2)
case('quantize', 'dequantize_int32', 'DequantizeLinear', [integers('int32', 5, low=-100000, high=100000), stored(F([0.1, 0.2, 0.3, 0.4, 0.5]))], axis=0)
case('quantize', 'dynamic', 'DynamicQuantizeLinear', [reals(4, 9)], outputs=3)
case('quantize', 'dynamic_of_zeros', 'DynamicQuantizeLinear', [np.zeros((2, 3), F)], outputs=3)

# convolutions and products of integers
for x, w in (('uint8', 'uint8'), ('uint8', 'int8'), ('int8', 'int8')):
    zx, zw = (x, 5), (w, 3 if w == 'uint8' else 0)
    case('qlinear_conv', f'{x}_{w}', 'QLinearConv', [integers(x, 1, 3, 7, 6), 0.05, zx, stored(integers(w, 4, 3, 3, 3)), 0.02, zw, 0.9, (x, 11), stored(integers('int32', 4, low=-900, high=900))], pads=[1, 0, 1, 2])
    case('qlinear_conv', f'{x}_{w}_stride_group', 'QLinearConv', [integers(x, 2, 4, 8, 8), 0.05, zx, stored(integers(w, 6, 2, 3, 3)), 0.02, zw, 0.5, (x, 11)], strides=[2, 1], group=2, dilations=[1, 2])
    case('qlinear_conv', f'{x}_{w}_line', 'QLinearConv', [integers(x, 2, 3, 9), 0.05, zx, stored(integers(w, 4, 3, 3)), 0.02, zw, 0.5, (x, 11)], strides=[2], pads=[1, 1])
    case('qlinear_matmul', f'{x}_{w}', 'QLinearMatMul', [integers(x, 2, 3, 5), 0.05, zx, stored(integers(w, 5, 4)), 0.02, zw, 0.4, (x, 11)])
    case('qlinear_matmul', f'{x}_{w}_at_run_time', 'QLinearMatMul', [integers(x, 3, 5), F(0.05), np.dtype(x).type(5), integers(w, 5, 4), F(0.02), np.dtype(w).type(1), F(0.4), np.dtype(x).type(11)])
case('qlinear_conv', 'per_channel', 'QLinearConv', [integers('uint8', 1, 3, 6, 6), 0.05, ('uint8', 128), stored(integers('int8', 4, 3, 3, 3)), stored(F([0.02, 0.01, 0.03, 0.005])), stored(np.zeros(4, np.int8)), 0.5, ('uint8', 100), stored(integers('int32', 4, low=-900, high=900))], auto_pad='SAME_UPPER')
case('qlinear_conv', 'at_run_time', 'QLinearConv', [integers('uint8', 1, 3, 6, 6), F(0.05), np.uint8(128), integers('uint8', 4, 3, 3, 3), F(0.02), np.uint8(120), F(0.5), np.uint8(100), integers('int32', 4, low=-900, high=900)])
case('qlinear_conv', 'integer', 'ConvInteger', [integers('uint8', 1, 3, 6, 6), stored(integers('uint8', 4, 3, 3, 3)), ('uint8', 128), ('uint8', 7)], pads=[1, 1, 1, 1])
case('qlinear_conv', 'integer_at_run_time', 'ConvInteger', [integers('uint8', 1, 4, 6, 6), integers('uint8', 4, 2, 2, 2), np.uint8(128), np.uint8(7)], group=2, strides=[2, 2])
case('qlinear_matmul', 'integer', 'MatMulInteger', [integers('uint8', 2, 3, 5), stored(integers('int8', 5, 4)), ('uint8', 128), ('int8', 3)])
case('qlinear_matmul', 'integer_columns', 'MatMulInteger', [integers('uint8', 3, 5), stored(integers('int8', 5, 4)), ('uint8', 128), stored(np.int8([1, 2, 3, -4]))])
case('qlinear_matmul', 'per_column', 'QLinearMatMul', [integers('uint8', 3, 5), 0.05, ('uint8', 9), stored(integers('int8', 5, 4)), stored(F([0.02, 0.01, 0.03, 0.005])), stored(np.zeros(4, np.int8)), 0.4, ('uint8', 11)])

# com.microsoft
for t in ('uint8', 'int8'):
    off = 0 if t == 'uint8' else -60
    a, b = integers(t, 2, 3, 16, seed=1), integers(t, 2, 3, 16, seed=2)
    args = [a, 0.1, (t, 3 + off), b, 0.05, (t, 7 + off), 0.13, (t, 9 + off)]
    ties = [a, 0.5, (t, 1), b, 0.25, (t, 2), 0.5, (t, 3)]
    for op in ('QLinearAdd', 'QLinearMul'):
        case('microsoft', f'{op}_{t}', op, args, domain=MS)
        case('microsoft', f'{op}_{t}_ties', op, ties, domain=MS)
        case('microsoft', f'{op}_{t}_broadcast', op, [a, 0.1, (t, 3), stored(integers(t, 3, 1, seed=4)), 0.05, (t, 7), 0.13, (t, 9)], domain=MS)
    case('microsoft', f'QLinearSigmoid_{t}', 'QLinearSigmoid', [a, 0.05, (t, 3), 1 / 256, (t, off)], domain=MS)
    case('microsoft', f'QLinearLeakyRelu_{t}', 'QLinearLeakyRelu', [a, 0.05, (t, 3), 0.04, (t, 5)], domain=MS, alpha=0.1)
    case('microsoft', f'QLinearSoftmax_{t}', 'QLinearSoftmax', [a, 0.1, (t, 3), 1 / 256, (t, np.iinfo(t).min)], domain=MS, axis=-1, extra={'opset': 13})
    case('microsoft', f'QLinearAveragePool_{t}', 'QLinearAveragePool', [integers(t, 1, 3, 6, 6), 0.05, (t, 12), 0.05, (t, 7)], domain=MS, kernel_shape=[2, 2], strides=[2, 2])
    case('microsoft', f'QLinearAveragePool_{t}_pad', 'QLinearAveragePool', [integers(t, 1, 3, 5, 6), 0.05, (t, 12), 0.04, (t, 7)], domain=MS, kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1], count_include_pad=1)
    case('microsoft', f'QLinearGlobalAveragePool_{t}', 'QLinearGlobalAveragePool', [integers(t, 2, 3, 4, 5), 0.05, (t, 12), 0.03, (t, 7)], domain=MS)
    case('microsoft', f'QLinearConcat_{t}', 'QLinearConcat', [0.1, (t, 5), a, 0.07, (t, 3), b, 0.1, (t, 5)], domain=MS, axis=1)
case('microsoft', 'QGemm', 'QGemm', [integers('uint8', 3, 5), 0.05, ('uint8', 9), stored(integers('int8', 4, 5)), stored(F([0.02, 0.01, 0.03, 0.005])), stored(np.zeros(4, np.int8)), stored(integers('int32', 4, low=-900, high=900)), 0.4, ('uint8', 11)], domain=MS, transB=1)
case('microsoft', 'QGemm_float', 'QGemm', [integers('int8', 3, 5), 0.05, ('int8', 9), stored(integers('int8', 5, 4)), 0.02, ('int8', 0), stored(integers('int32', 4, low=-900, high=900)), None, None], domain=MS, alpha=0.5)
case('microsoft', 'DynamicQuantizeMatMul', 'DynamicQuantizeMatMul', [reals(3, 6), stored(integers('int8', 6, 4)), stored(F([0.02, 0.01, 0.03, 0.005])), stored(np.zeros(4, np.int8)), stored(reals(4, seed=3))], domain=MS)
case('microsoft', 'MatMulIntegerToFloat', 'MatMulIntegerToFloat', [integers('uint8', 3, 6), stored(integers('uint8', 6, 4)), 0.05, 0.02, ('uint8', 128), ('uint8', 100), stored(reals(4, seed=3))], domain=MS)
for bits in (4, 8):
    for k in (32, 48):
        blocks = (k + 31) // 32
        b = integers('uint8', 6, blocks, 32 * bits // 8, seed=5)
        case('microsoft', f'MatMulNBits_{bits}_{k}', 'MatMulNBits', [reals(2, 3, k), stored(b), stored(np.abs(reals(6 * blocks, seed=6)) / 10)], domain=MS, K=k, N=6, bits=bits, block_size=32)
        z = integers('uint8', 6 * ((blocks * bits + 7) // 8), seed=7)
        case('microsoft', f'MatMulNBits_{bits}_{k}_zero', 'MatMulNBits', [reals(3, k), stored(b), stored(np.abs(reals(6 * blocks, seed=6)) / 10), stored(z)], domain=MS, K=k, N=6, bits=bits, block_size=32)
x3 = reals(2, 4, 8)
case('microsoft', 'SkipLayerNormalization', 'SkipLayerNormalization', [x3, reals(2, 4, 8, seed=1), stored(reals(8, seed=2)), stored(reals(8, seed=3)), stored(reals(8, seed=4))], domain=MS, epsilon=1e-5)
case('microsoft', 'SkipSimplifiedLayerNormalization', 'SkipSimplifiedLayerNormalization', [x3, reals(2, 4, 8, seed=1), stored(reals(8, seed=2))], domain=MS, epsilon=1e-5)
case('microsoft', 'BiasGelu', 'BiasGelu', [x3, stored(reals(8, seed=1))], domain=MS)
case('microsoft', 'FastGelu', 'FastGelu', [x3, stored(reals(8, seed=1))], domain=MS)
case('microsoft', 'QuickGelu', 'QuickGelu', [x3], domain=MS)
case('microsoft', 'Gelu', 'Gelu', [x3], domain=MS)
case('microsoft', 'FusedConv', 'FusedConv', [reals(1, 3, 5, 5), stored(reals(4, 3, 3, 3, seed=1)), stored(reals(4, seed=2))], domain=MS, activation='LeakyRelu', activation_params=[0.2], pads=[1, 1, 1, 1])
case('microsoft', 'FusedMatMul', 'FusedMatMul', [reals(2, 5, 3), reals(2, 4, 5, seed=1)], domain=MS, transA=1, transB=1, alpha=0.5)
case('microsoft', 'Attention', 'Attention', [reals(2, 4, 8), stored(reals(8, 24, seed=1) / 4), stored(reals(24, seed=2))], domain=MS, num_heads=2)
case('microsoft', 'Attention_mask', 'Attention', [reals(2, 4, 8), stored(reals(8, 24, seed=1) / 4), stored(reals(24, seed=2)), np.int32([[1, 1, 1, 0], [1, 1, 0, 0]])], domain=MS, num_heads=2)
case('microsoft', 'Attention_causal', 'Attention', [reals(2, 4, 8), stored(reals(8, 24, seed=1) / 4), stored(reals(24, seed=2))], domain=MS, num_heads=2, unidirectional=1)
case('microsoft', 'QAttention', 'QAttention', [integers('uint8', 2, 4, 8), stored(integers('int8', 8, 24)), stored(reals(24, seed=2)), 0.02, 0.01, None, ('uint8', 128), ('int8', 0)], domain=MS, num_heads=2)
table = integers('uint8', 6, 16, seed=5)
case('microsoft', 'GatherBlockQuantized', 'GatherBlockQuantized', [stored(table), np.int64([[1, 3], [5, 0]]), stored(np.abs(reals(6, 2, seed=6)) / 10)], domain=MS, bits=4, block_size=16, gather_axis=0, quantize_axis=1)
for bits in (2, 4, 8):
    for zeros in (False, True):
        case('matmul_nbits', f'gather_{bits}_{zeros}', 'GatherBlockQuantized', [stored(integers('uint8', 6, 40 * bits // 8)), np.int64([[1, 3], [5, -1]]), stored(np.abs(reals(6, 3, seed=6)) / 10), *([stored(integers('uint8', 6, -(-3 * bits // 8), seed=7))] if zeros else [])], domain=MS, bits=bits, block_size=16, gather_axis=0, quantize_axis=1)

# float ops
case('conv_float', 'bias_pads', 'Conv', [reals(1, 3, 7, 6), stored(reals(4, 3, 3, 3, seed=1)), stored(reals(4, seed=2))], pads=[1, 0, 1, 2], tolerance=1e-7)
case('conv_float', 'deep', 'Conv', [reals(1, 32, 5, 5), stored(reals(3, 32, 3, 3, seed=1))], tolerance=0)
case('conv_float', 'wide', 'Conv', [reals(1, 16, 12, 12), stored(reals(2, 16, 3, 3, seed=1))], tolerance=0)
case('conv_float', 'depthwise', 'Conv', [reals(1, 5, 7, 7), stored(reals(5, 1, 3, 3, seed=1))], group=5, auto_pad='SAME_LOWER', tolerance=1e-7)
case('conv_float', 'line', 'Conv', [reals(2, 3, 9), stored(reals(4, 3, 3, seed=1))], dilations=[2], strides=[2])
case('conv_float', 'cube', 'Conv', [reals(1, 2, 4, 5, 4), stored(reals(3, 2, 2, 3, 2, seed=1)), stored(reals(3, seed=2))], pads=[0, 1, 0, 1, 1, 0])
for name, kw in (('plain', {}), ('stride', dict(strides=[2, 2])), ('pads', dict(strides=[2, 1], pads=[1, 0, 1, 1])), ('output_padding', dict(strides=[2, 2], output_padding=[1, 0], pads=[1, 1, 1, 1])), ('output_shape', dict(strides=[3, 2], output_shape=[10, 8])), ('same', dict(strides=[2, 2], auto_pad='SAME_UPPER')), ('dilation', dict(dilations=[2, 2]))):
    case('conv_float', f'transposed_{name}', 'ConvTranspose', [reals(1, 2, 3, 3), stored(reals(2, 3, 3, 3, seed=1)), stored(reals(3, seed=2))], **kw)
case('conv_float', 'transposed_group', 'ConvTranspose', [reals(1, 4, 3, 3), stored(reals(4, 2, 2, 2, seed=1))], group=2, strides=[2, 2])
case('conv_float', 'transposed_line', 'ConvTranspose', [reals(1, 2, 4), stored(reals(2, 3, 3, seed=1))], strides=[2], pads=[1, 0])
for m, k, n in ((5, 20, 7), (3, 270, 9), (1, 22, 32), (1, 23, 32)):
    case('matmul_float', f'computed_{m}_{k}_{n}', 'MatMul', [reals(m, k), reals(k, n, seed=1)], tolerance=0)
    case('matmul_float', f'constant_{m}_{k}_{n}', 'MatMul', [reals(m, k), stored(reals(k, n, seed=1))], tolerance=0)
case('matmul_float', 'broadcast', 'MatMul', [reals(2, 1, 3, 4), reals(3, 4, 5, seed=1)])
case('matmul_float', 'vectors', 'MatMul', [reals(4), reals(4, seed=1)])
case('matmul_float', 'vector_matrix', 'MatMul', [reals(4), reals(2, 4, 3, seed=1)])
case('matmul_float', 'gemm', 'Gemm', [reals(4, 3), stored(reals(5, 4, seed=1)), stored(reals(3, 1, seed=2))], transA=1, transB=1, alpha=0.5, beta=2.0)
case('matmul_float', 'layer', 'Gemm', [reals(4, 30), stored(reals(6, 30, seed=1)), stored(reals(6, seed=2))], transB=1, tolerance=0)
case('normalization', 'layer', 'LayerNormalization', [reals(2, 3, 8), stored(reals(8, seed=1)), stored(reals(8, seed=2))], outputs=3)
case('normalization', 'layer_axis', 'LayerNormalization', [reals(2, 3, 8), stored(reals(3, 8, seed=1))], axis=1)
case('normalization', 'instance', 'InstanceNormalization', [reals(2, 3, 4, 4), stored(reals(3, seed=1)), stored(reals(3, seed=2))])
case('normalization', 'batch', 'BatchNormalization', [reals(2, 3, 4, 4), stored(reals(3, seed=1)), stored(reals(3, seed=2)), stored(reals(3, seed=3)), stored(np.abs(reals(3, seed=4)))])
case('normalization', 'lrn', 'LRN', [reals(1, 6, 3, 3)], size=3, alpha=0.01)
case('normalization', 'lp', 'LpNormalization', [reals(2, 5)], axis=1, p=1)
case('normalization', 'softmax_old', 'Softmax', [reals(2, 3, 4)], opset=11, axis=1)
case('normalization', 'log_softmax', 'LogSoftmax', [reals(2, 3, 4)], axis=1)
for name, kw in (('ceil', dict(ceil_mode=1, strides=[2, 2])), ('pads', dict(pads=[1, 0, 1, 1])), ('same', dict(auto_pad='SAME_UPPER', strides=[2, 2])), ('dilations', dict(dilations=[2, 1]))):
    case('pool', f'max_{name}', 'MaxPool', [reals(1, 2, 7, 6)], kernel_shape=[3, 2], **kw)
    case('pool', f'average_{name}', 'AveragePool', [reals(1, 2, 7, 6)], kernel_shape=[3, 2], **kw)
case('pool', 'indices', 'MaxPool', [reals(2, 2, 6, 6)], outputs=2, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])
case('pool', 'indices_columns', 'MaxPool', [reals(1, 2, 6, 6)], outputs=2, kernel_shape=[2, 2], storage_order=1)
case('pool', 'line_int8', 'MaxPool', [integers('int8', 1, 3, 9)], kernel_shape=[3], strides=[2])
case('pool', 'average_padded', 'AveragePool', [reals(1, 2, 5, 5)], kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
case('pool', 'lp', 'LpPool', [reals(1, 2, 5, 5)], kernel_shape=[2, 2], p=3)
for op in ('GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'):
    case('pool', op, op, [reals(2, 3, 4, 5)])
for direction in ('forward', 'reverse', 'bidirectional'):
    d = 2 if direction == 'bidirectional' else 1
    lengths = np.int32([4, 2])
    x, h = reals(4, 2, 3), reals(d, 2, 5, seed=8)
    case('recurrent', f'lstm_{direction}', 'LSTM', [x, stored(reals(d, 20, 3, seed=1)), stored(reals(d, 20, 5, seed=2)), stored(reals(d, 40, seed=3)), lengths, h, reals(d, 2, 5, seed=9), stored(reals(d, 15, seed=4))], outputs=3, hidden_size=5, direction=direction)
    case('recurrent', f'gru_{direction}', 'GRU', [x, stored(reals(d, 15, 3, seed=1)), stored(reals(d, 15, 5, seed=2)), stored(reals(d, 30, seed=3)), lengths, h], outputs=2, hidden_size=5, direction=direction)
    case('recurrent', f'rnn_{direction}', 'RNN', [x, stored(reals(d, 5, 3, seed=1)), stored(reals(d, 5, 5, seed=2)), stored(reals(d, 10, seed=3)), None, h], outputs=2, hidden_size=5, direction=direction)
case('recurrent', 'gru_linear', 'GRU', [reals(4, 2, 3), stored(reals(1, 15, 3, seed=1)), stored(reals(1, 15, 5, seed=2)), stored(reals(1, 30, seed=3))], outputs=2, hidden_size=5, linear_before_reset=1)
case('recurrent', 'lstm_functions', 'LSTM', [reals(3, 2, 3), stored(reals(1, 20, 3, seed=1)), stored(reals(1, 20, 5, seed=2))], outputs=1, hidden_size=5, activations=['HardSigmoid', 'Softsign', 'Relu'], activation_alpha=[0.3], activation_beta=[0.4], clip=1.5)
for mode in ('nearest', 'linear', 'cubic'):
    for c in ('half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'):
        case('resize', f'{mode}_{c}', 'Resize', [reals(1, 2, 4, 5), None, stored(F([1, 1, 1.7, 0.6]))], mode=mode, coordinate_transformation_mode=c)
case('resize', 'sizes_at_run_time', 'Resize', [reals(1, 1, 4, 4), None, None, stored(np.int64([1, 1, 7, 3]))], mode='linear')
case('resize', 'bytes', 'Resize', [integers('uint8', 1, 2, 4, 4), None, stored(F([1, 1, 2, 2]))], mode='linear')
for mode in ('linear', 'nearest', 'cubic'):
    for padding in ('zeros', 'border', 'reflection'):
        case('resize', f'grid_{mode}_{padding}', 'GridSample', [reals(1, 2, 4, 5), reals(1, 3, 3, 2, low=-1.4, high=1.4, seed=1)], mode=mode, padding_mode=padding)

# rounded activations, shuffled blocks, order of sums
def nbits(k, n, bits, block, zeros=None, seed=0):
    blocks, per = -(-k // block), 8 // bits
    codes = integers('uint8', n, blocks, block * bits // 8, seed=seed)
    scales = np.abs(reals(n, blocks, seed=seed)) / 20 + F(0.01)
    if zeros == 'packed':
        zeros = stored(integers('uint8', n, -(-blocks // per), seed=seed + 1))
    elif zeros == 'float':
        zeros = stored(reals(n, blocks, low=0, high=2**bits - 1, seed=seed + 1))
    return stored(codes), stored(scales), zeros

for bits in (2, 4, 8):
    for block in (16, 32, 128):
        for zeros in (None, 'packed', 'float'):
            k = 48 if block == 16 else block * 3 // 2
            for level in (0, 4):
                if zeros == 'float' and (level == 4 or bits == 8):
                    continue
                if bits == 2 and zeros and block == 16:
                    continue
                case('matmul_nbits', f'bits{bits}_block{block}_{zeros}_level{level}', 'MatMulNBits', [reals(3, k), *nbits(k, 4, bits, block, zeros)], domain=MS, K=k, N=4, bits=bits, block_size=block, accuracy_level=level, tolerance=2e-6)
case('matmul_nbits', 'bias', 'MatMulNBits', [reals(2, 3, 40), *nbits(40, 5, 4, 16), None, stored(reals(5))], domain=MS, K=40, N=5, bits=4, block_size=16, accuracy_level=4, tolerance=2e-6)
case('matmul_nbits', 'groups', 'MatMulNBits', [reals(3, 64), *nbits(64, 4, 4, 16), stored(integers('int32', 64, low=0, high=3))], domain=MS, K=64, N=4, bits=4, block_size=16, tolerance=2e-6)
for opset in (11, 17, 19):
    case('pool', f'average_order_{opset}', 'AveragePool', [reals(2, 3, 9, 10)], opset=opset, kernel_shape=[3, 3], strides=[2, 1], pads=[1, 1, 1, 1], tolerance=0)
    case('pool', f'average_order_{opset}_wide_steps', 'AveragePool', [reals(2, 3, 9, 10)], opset=opset, kernel_shape=[3, 3], strides=[1, 3], count_include_pad=1, pads=[1, 1, 1, 1], tolerance=0)
case('pool', 'average_order_volume', 'AveragePool', [reals(1, 2, 4, 5, 6)], opset=17, kernel_shape=[2, 3, 3], tolerance=0)
case('normalization', 'batch_order', 'BatchNormalization', [reals(2, 5, 4, 4), *(stored(a) for a in (reals(5), reals(5, seed=1), reals(5, seed=2), np.abs(reals(5, seed=3)) + F(0.1)))], tolerance=0)
def requant_shift(x, mul, add, div, levels, signed):
    low, high = (-levels // 2, levels // 2 - 1) if signed else (0, levels - 1)
    return [np.clip(np.floor((x.astype(float) * mul + add + div / 2) / div), low, high).astype(F)]
x, mul, bias = np.rint(reals(1, 3, 4, 4, low=-9000, high=9000)), F([[[514]], [[300]], [[77]]]), F([[[0]], [[900]], [[-32768]]])
for signed in (0, 1):
    tensors = dict(div=numpy_helper.from_array(F(65536)), n_levels_out=numpy_helper.from_array(F([256])), signed=numpy_helper.from_array(F([signed])))
    case('quantize', f'requant_shift_signed{signed}', 'RequantShift', [x, stored(mul), stored(bias)], expect=requant_shift(x, mul, bias, 65536, 256, signed), by="Deeploy's kernel: rounded half up", **tensors)

# the last bit of functions
for op in ('Sigmoid', 'Tanh', 'Exp', 'Erf'):
    case('functions', f'{op}_bits', op, [reals(300, low=-12, high=12)], tolerance=0)
for n in (3, 16, 21, 100):
    case('functions', f'Softmax_bits_{n}', 'Softmax', [reals(4, n)], tolerance=0)
case('functions', 'Softmax_bits_axis', 'Softmax', [reals(2, 18, 5)], axis=1, tolerance=0)
case('functions', 'Softmax_bits_old', 'Softmax', [reals(2, 6, 5)], opset=11, axis=1, tolerance=0)
for n in (16, 32, 100):
    case('normalization', f'layer_bits_{n}', 'LayerNormalization', [reals(6, n), stored(reals(n, seed=1)), stored(reals(n, seed=2))], axis=-1, tolerance=0)

# Cases of activations, softmax, normalisations, quantize and dequantize.
import numpy as np
from litert_cases import T, Node, case

SPECIAL = [np.inf, -np.inf, np.nan, 0, -0.0, 3e38, -3e38, 1e-40, 88, -88, 5.5, -5.5]
EVERY = {'int8': list(range(-128, 128)), 'uint8': list(range(256)), 'int16': [int(v) for v in np.linspace(-32768, 32767, 300)]}
Q = {'int8': [(0.05, -3, 0.04, 7), (0.1, -128, 0.1, -128), (0.011, 20, 0.7, -1), (2.5, 5, 0.013, 100)],
     'uint8': [(0.05, 125, 0.04, 135), (0.1, 0, 0.1, 0), (0.011, 148, 0.7, 127), (2.5, 133, 0.013, 228)],
     'int16': [(0.001, 0, 0.0005, 0), (0.0003, 0, 0.0003, 0), (1e-4, 0, 3e-3, 0)]}


def every(op, file, dtype, parameters, options=None, version=1, shape=None, name=None, **more):
    """All stored values through one op."""
    values = EVERY[dtype]
    s, z, so, zo = parameters
    case(file, name or f'{dtype}_{s:g}_{so:g}', op=op, version=version, options=options, inputs=[T(dtype, shape or [len(values)], scale=s, zero_point=z, values=values)],
         outputs=[T(dtype, shape or [len(values)], scale=so, zero_point=zo)], **more)


for op, dtypes in [('RELU', ['int8', 'uint8', 'int16']), ('RELU6', ['int8', 'uint8', 'int16']), ('RELU_N1_TO_1', ['int8', 'uint8']), ('RELU_0_TO_1', ['int8', 'uint8'])]:
    file = op.lower()
    case(file, 'float32', op=op, inputs=[T('float32', [2, 3, 5], low=-9, high=9)], outputs=[T('float32', [2, 3, 5])])
    case(file, 'float32_special', op=op, inputs=[T('float32', [12], values=SPECIAL)], outputs=[T('float32', [12])])
    case(file, 'scalar', op=op, inputs=[T('float32', [])], outputs=[T('float32', [])])
    for dtype in dtypes:
        for p in Q[dtype]:
            every(op, file, dtype, p, version=1 if op[4:] in ('_N1_TO_1', '_0_TO_1') else 2 if dtype == 'int8' else 3 if dtype == 'int16' else 1)

for alpha in [0.1, 0.3, -0.5, 2.0, 0.0]:
    case('leaky_relu', f'float32_{alpha:g}', op='LEAKY_RELU', options={'alpha': alpha}, inputs=[T('float32', [3, 4])], outputs=[T('float32', [3, 4])])
    for dtype in ['int8', 'uint8', 'int16']:
        if alpha < 0 and dtype != 'int8':
            continue
        p = Q[dtype][int(abs(alpha) * 10) % len(Q[dtype])]
        every('LEAKY_RELU', 'leaky_relu', dtype, p, {'alpha': alpha}, 2, name=f'{dtype}_{alpha:g}')

for name, shape, alpha in [('shared', [1, 2, 3, 4], [1, 1, 4]), ('same', [2, 5], [2, 5]), ('one', [2, 5], [1]), ('rows', [2, 3, 4], [3, 1]), ('flat', [7], [7])]:
    case('prelu', f'float32_{name}', op='PRELU', inputs=[T('float32', shape), T('float32', alpha, data='random')], outputs=[T('float32', shape)])
    for dtype, alpha_dtype in [('int8', 'int8'), ('uint8', 'uint8'), ('int16', 'int8')]:
        s, z, so, zo = Q[dtype][len(shape) % len(Q[dtype])]
        za = {'int8': 4, 'uint8': 120}[alpha_dtype]
        case('prelu', f'{dtype}_{name}', op='PRELU', inputs=[T(dtype, shape, scale=s, zero_point=z), T(alpha_dtype, alpha, scale=0.02, zero_point=za, data='random')],
             outputs=[T(dtype, shape, scale=so, zero_point=zo)])

REFERENCE = 'BUILTIN'  # ELU is not among the reference kernels; this one is the same
case('elu', 'float32', op='ELU', resolver=REFERENCE, inputs=[T('float32', [3, 5])], outputs=[T('float32', [3, 5])])
case('elu', 'float32_special', op='ELU', resolver=REFERENCE, inputs=[T('float32', [12], values=SPECIAL)], outputs=[T('float32', [12])])
for p in Q['int8']:
    every('ELU', 'elu', 'int8', p, resolver=REFERENCE)
for approximate in [False, True]:
    o = {'approximate': approximate}
    case('gelu', f'float32_{approximate}', op='GELU', options=o, inputs=[T('float32', [4, 40], low=-9, high=9)], outputs=[T('float32', [4, 40])])
    for dtype in ['int8', 'uint8', 'int16']:
        for p in Q[dtype][:3]:
            every('GELU', 'gelu', dtype, p, o, 2, name=f'{dtype}_{p[0]:g}_{approximate}')
case('hard_swish', 'float32', op='HARD_SWISH', inputs=[T('float32', [6, 6])], outputs=[T('float32', [6, 6])])
for dtype in ['int8', 'uint8']:
    for p in [(0.05, 3, 0.04, 7), (0.02, 0, 0.02, 0), (0.2, 40, 0.19, 50), (0.01, 60, 0.05, 60), (0.9, 100, 0.9, 90), (0.001, 10, 0.001, 10)]:
        every('HARD_SWISH', 'hard_swish', dtype, p)

for op, out in [('LOGISTIC', {'int8': (1 / 256, -128), 'uint8': (1 / 256, 0), 'int16': (1 / 32768, 0)}),
                ('TANH', {'int8': (1 / 128, 0), 'uint8': (1 / 128, 128), 'int16': (1 / 32768, 0)})]:
    file = op.lower()
    case(file, 'float32', op=op, inputs=[T('float32', [5, 40], low=-20, high=20)], outputs=[T('float32', [5, 40])])
    case(file, 'float32_special', op=op, inputs=[T('float32', [12], values=SPECIAL)], outputs=[T('float32', [12])])
    for dtype in ['int8', 'uint8', 'int16']:
        for p in Q[dtype][:3] + ([(2**-12, 0), (2**-11, 0), (2**-10, 0), (2**-13, 0), (0.01, 0), (1e-7, 0)] if dtype == 'int16' else [(1.5, 9)]):
            every(op, file, dtype, (*p[:2], *out[dtype]), version={'int8': 2, 'uint8': 1, 'int16': 3}[dtype])
    case(file, 'float16', op=op, version=3, inputs=[T('float16', [5, 8], low=-12, high=12)], outputs=[T('float16', [5, 8])])
every('TANH', 'tanh', 'int8', (0.03, 4, 0.02, -50))

for name, shape in [('matrix', [3, 10]), ('vector', [17]), ('images', [2, 3, 2, 5]), ('one', [4, 1]), ('cube', [2, 2, 6]), ('five', [1, 2, 1, 2, 3])]:
    for beta in [1.0, 0.3] if name == 'matrix' else [0.7]:
        case('softmax', f'float32_{name}_{beta}', op='SOFTMAX', options={'beta': beta}, inputs=[T('float32', shape, low=-9, high=9)], outputs=[T('float32', shape)])
    for dtype, out, o in [('int8', 'int8', (1 / 256, -128)), ('uint8', 'uint8', (1 / 256, 0)), ('int8', 'int16', (1 / 65536, -32768)), ('uint8', 'int16', (1 / 65536, -32768)),
                          ('int16', 'int16', (1 / 32768, 0))]:
        for scale, z in [(0.1, 3), (0.011, 100), (1.5, -5 if dtype == 'int8' else 5)][:1 if name not in ('matrix', 'vector') else 3]:
            if dtype == 'int16':
                scale, z = scale / 100, 0
            case('softmax', f'{dtype}_{out}_{name}_{scale:g}', op='SOFTMAX', version=3, options={'beta': 1.0 if name != 'vector' else 0.7},
                 inputs=[T(dtype, shape, scale=scale, zero_point=z)], outputs=[T(out, shape, scale=o[0], zero_point=o[1])])
case('softmax', 'int8_wide', op='SOFTMAX', version=2, options={'beta': 1.0}, inputs=[T('int8', [2, 1001], scale=0.08, zero_point=0)], outputs=[T('int8', [2, 1001], scale=1 / 256, zero_point=-128)])
case('softmax', 'int8_flat', op='SOFTMAX', version=2, options={'beta': 1.0}, inputs=[T('int8', [1, 300], scale=0.08, low=5, high=6)], outputs=[T('int8', [1, 300], scale=1 / 256, zero_point=-128)])

for name, shape in [('matrix', [3, 10]), ('vector', [17]), ('images', [2, 3, 2, 5]), ('one', [4, 1])]:
    case('log_softmax', f'float32_{name}', op='LOG_SOFTMAX', inputs=[T('float32', shape, low=-9, high=9)], outputs=[T('float32', shape)])
    for dtype, z in [('int8', 127), ('uint8', 255)]:
        for scale in [0.1, 0.011, 0.9, 3.0]:
            case('log_softmax', f'{dtype}_{name}_{scale:g}', op='LOG_SOFTMAX', version=2, inputs=[T(dtype, shape, scale=scale, zero_point=30)], outputs=[T(dtype, shape, scale=1 / 16, zero_point=z)])
    case('l2_normalization', f'float32_{name}', op='L2_NORMALIZATION', inputs=[T('float32', shape)], outputs=[T('float32', shape)])
    for dtype, z in [('int8', 0), ('uint8', 128)]:
        for zero in [0, 50, 120]:
            case('l2_normalization', f'{dtype}_{name}_{zero}', op='L2_NORMALIZATION', version=2, inputs=[T(dtype, shape, scale=0.1, zero_point=zero)],
                 outputs=[T(dtype, shape, scale=1 / 128, zero_point=z)])
case('l2_normalization', 'float32_zero', op='L2_NORMALIZATION', inputs=[T('float32', [2, 3], values=[0, 0, 0, 1e-8, 0, 0])], outputs=[T('float32', [2, 3])])
case('l2_normalization', 'int8_zero', op='L2_NORMALIZATION', version=2, inputs=[T('int8', [2, 3], scale=0.1, zero_point=5, values=[5, 5, 5, 6, 5, 5])], outputs=[T('int8', [2, 3], scale=1 / 128)])
for radius, bias, alpha, beta in [(2, 1.0, 0.5, 0.75), (5, 2.0, 1e-4, 0.5), (0, 1.0, 1.0, 1.0), (20, 9.0, 4.0, 0.5)]:
    case('local_response_normalization', f'radius_{radius}', op='LOCAL_RESPONSE_NORMALIZATION', options=dict(radius=radius, bias=bias, alpha=alpha, beta=beta),
         inputs=[T('float32', [1, 2, 2, 9])], outputs=[T('float32', [1, 2, 2, 9])])

TIES = [0.5, -0.5, 1.5, -1.5, 2.5, 0.25, -0.25, 0.75, 1e6, -1e6, 0, -0.0]
for dtype, parameters in [('int8', [(0.05, -3), (0.5, 0), (1e-3, -128)]), ('uint8', [(0.05, 125), (0.5, 0), (0.3, 255)]), ('int16', [(0.001, 0), (0.5, 0)]),
                          ('int4', [(0.5, 0), (0.7, 2)]), ('uint4', [(0.5, 3)])]:
    for s, z in parameters:
        o = T(dtype, [5, 5], scale=s, zero_point=z)
        version = {'int8': 1, 'uint8': 1, 'int16': 2}.get(dtype, 4)
        case('quantize', f'float32_{dtype}_{s:g}', op='QUANTIZE', version=version, inputs=[T('float32', [5, 5])], outputs=[o])
        case('quantize', f'float32_{dtype}_{s:g}_ties', op='QUANTIZE', version=version, inputs=[T('float32', [12], values=TIES)], outputs=[T(dtype, [12], scale=s, zero_point=z)])
# Beyond int32 LiteRT's conversion is undefined (on x86 it gives the lowest); saturation is what the op means.
case('quantize', 'float32_int8_overflow', op='QUANTIZE', inputs=[T('float32', [4], values=[1e12, -1e12, np.inf, -np.inf])], outputs=[T('int8', [4], scale=0.1, zero_point=5)],
     expect=[[np.array([127, -128, 127, -128], np.int8)]], by='the definition')
for dtype in ['int8', 'uint8', 'int16']:
    for axis in [0, 1, 2]:
        n = [3, 2, 4][axis]
        zero = [0] * n if dtype == 'int16' else [int(v) for v in range(3, 3 + n)]
        scale = [0.1 * (k + 1) for k in range(n)]
        case('quantize', f'float32_{dtype}_axis_{axis}', op='QUANTIZE', version=3, inputs=[T('float32', [3, 2, 4], low=-30, high=30)],
             outputs=[T(dtype, [3, 2, 4], scale=scale, zero_point=zero, axis=axis)])
        if dtype != 'int16':
            case('dequantize', f'{dtype}_axis_{axis}', op='DEQUANTIZE', version=5, inputs=[T(dtype, [3, 2, 4], scale=scale, zero_point=zero, axis=axis)], outputs=[T('float32', [3, 2, 4])])
for a, b in [('int8', 'int8'), ('int8', 'uint8'), ('uint8', 'int8'), ('uint8', 'uint8'), ('int8', 'int16'), ('uint8', 'int16'), ('int16', 'int8'), ('int16', 'int16'), ('int16', 'int32'),
             ('int32', 'int8'), ('int32', 'int16')]:
    zero = lambda t, v: {'int8': v, 'uint8': v + 128}.get(t, 0)
    for k, (sa, za, sb, zb) in enumerate([(0.05, 3, 0.04, -6), (0.1, 0, 0.1, 0), (0.7, -20, 0.013, 5), (0.011, 8, 0.9, 4)]):
        values = None if a == 'int32' else EVERY[a][k::9]
        n = 40 if a == 'int32' else len(values)
        case('quantize', f'{a}_{b}_{k}', op='QUANTIZE', version=2, inputs=[T(a, [n], scale=sa, zero_point=zero(a, za), values=values, **({'low': -5000, 'high': 5000} if a == 'int32' else {}))],
             outputs=[T(b, [n], scale=sb, zero_point=zero(b, zb))])
for dtype, s, z in [('int8', 0.0123, -3), ('uint8', 0.3, 200), ('int16', 1e-4, 0)]:
    case('dequantize', dtype, op='DEQUANTIZE', version=3, inputs=[T(dtype, [len(EVERY[dtype])], scale=s, zero_point=z, values=EVERY[dtype])], outputs=[T('float32', [len(EVERY[dtype])])])
for dtype, s, z in [('int4', 0.3, 2), ('int2', 0.7, 0), ('uint4', 0.1, 5)]:
    low, high = {'int4': (-8, 7), 'int2': (-2, 1), 'uint4': (0, 15)}[dtype]
    case('dequantize', dtype, op='DEQUANTIZE', version=6, inputs=[T(dtype, [3, 5], scale=s, zero_point=z, data='random', low=low, high=high)], outputs=[T('float32', [3, 5])])
    case('dequantize', f'{dtype}_axis', op='DEQUANTIZE', version=6, inputs=[T(dtype, [3, 5], scale=[0.1, 0.2, 0.3], zero_point=[0, 1, 0], data='random', low=low, high=high)], outputs=[T('float32', [3, 5])])
half = np.array([0, 1, -2.5, 65504, 6e-8, 1e-5, np.inf, 0.1], np.float16)
case('dequantize', 'float16', op='DEQUANTIZE', version=3, inputs=[T('float16', [8], data=half)], outputs=[T('float32', [8])])
for low, high, bits in [(-6, 6, 8), (0, 6, 8), (-1, 2.3, 4), (-0.1, 6, 8), (-3, 0, 16), (-7.77, 3.3, 6)]:
    case('fake_quant', f'{low:g}_{high:g}_{bits}', op='FAKE_QUANT', version=2, options=dict(min=low, max=high, num_bits=bits), inputs=[T('float32', [7, 7], low=-9, high=9)], outputs=[T('float32', [7, 7])])

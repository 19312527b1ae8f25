# Cases of pooling, reductions, arg_max and arg_min.
import numpy as np
from litert_cases import T, Node, case

for op in ['AVERAGE_POOL_2D', 'MAX_POOL_2D', 'L2_POOL_2D']:
    file = op.lower()
    for k, (shape, window, stride, padding) in enumerate([([1, 4, 4, 2], (2, 2), (2, 2), 'VALID'), ([2, 5, 6, 3], (3, 3), (1, 1), 'SAME'), ([1, 7, 5, 1], (3, 2), (2, 3), 'SAME'),
                                                          ([1, 6, 6, 5], (6, 6), (1, 1), 'VALID'), ([1, 3, 9, 2], (1, 4), (1, 2), 'VALID'), ([1, 2, 2, 4], (5, 5), (1, 1), 'SAME'),
                                                          ([3, 8, 3, 1], (2, 3), (3, 1), 'VALID')]):
        out = [shape[0]] + [-(-shape[i + 1] // stride[i]) if padding == 'SAME' else (shape[i + 1] - window[i]) // stride[i] + 1 for i in (0, 1)] + [shape[3]]
        o = dict(padding=padding, stride_h=stride[0], stride_w=stride[1], filter_height=window[0], filter_width=window[1],
                 fused_activation_function=['NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1', 'NONE', 'NONE', 'RELU'][k])
        case(file, f'float32_{k}', op=op, options=o, inputs=[T('float32', shape, low=-9, high=9)], outputs=[T('float32', out)])
        if op == 'L2_POOL_2D':
            continue
        for dtype, s, z in [('int8', 0.1, -7), ('uint8', 0.03, 120), ('int16', 0.001, 0)]:
            case(file, f'{dtype}_{k}', op=op, version=3 if dtype == 'int16' else 2, options=o, inputs=[T(dtype, shape, scale=s, zero_point=z)], outputs=[T(dtype, out, scale=s, zero_point=z)])


def reduced(shape, axes, keep):
    axes = {a % len(shape) for a in axes} if shape else set()
    return [1 if i in axes else d for i, d in enumerate(shape) if keep or i not in axes]


GEOMETRY = [([2, 3, 4, 5], [1, 2], True), ([2, 3, 4, 5], [1, 2], False), ([2, 3, 4], [-1], False), ([2, 3, 4], [0], True), ([2, 3, 4], [0, 2, -3], False), ([6], [0], False),
            ([2, 3], [0, 1], True), ([2, 3], [], False), ([1, 4, 1, 2], [0, 3], True), ([2, 1, 3, 1, 2, 2], [1, 4], False), ([], [], False), ([3, 2, 2], [2, 0], False)]
PLAIN = {'MEAN': ['float32', 'int32', 'int64'], 'SUM': ['float32', 'int32', 'int64'], 'REDUCE_PROD': ['float32', 'int32', 'int64'], 'REDUCE_MAX': ['float32', 'int32', 'int64', 'int8', 'uint8', 'int16'],
         'REDUCE_MIN': ['float32', 'int32', 'int64', 'int8', 'uint8', 'int16'], 'REDUCE_ANY': ['boolean'], 'REDUCE_ALL': ['boolean']}
for op, dtypes in PLAIN.items():
    file = op.lower()
    for k, (shape, axes, keep) in enumerate(GEOMETRY):
        out, o, ax = reduced(shape, axes, keep), dict(keep_dims=keep), T('int32', [len(axes)], data=axes)
        for dtype in dtypes if k in (1, 4) else dtypes[:1]:
            case(file, f'{dtype}_{k}', op=op, options=o, inputs=[T(dtype, shape), ax], outputs=[T(dtype, out)])
        for dtype in [] if op in ('REDUCE_ANY', 'REDUCE_ALL') else ['int8', 'uint8', 'int16'] if k < 4 or op == 'SUM' else ['int8']:
            s, z = {'int8': (0.05, -9), 'uint8': (0.04, 130), 'int16': (0.001, 0)}[dtype]
            so, zo = (s, z) if op in ('REDUCE_MAX', 'REDUCE_MIN') else {'int8': (0.03, 5), 'uint8': (0.2, 99), 'int16': (0.0007, 0)}[dtype]
            if op == 'SUM':
                so *= 5
                if dtype != 'uint8':
                    continue
            if op == 'REDUCE_PROD':
                if dtype == 'uint8':
                    continue
                s, so = s * 10, s * 20
            case(file, f'q{dtype}_{k}', op=op, version=2, options=o, inputs=[T(dtype, shape, scale=s, zero_point=z), ax], outputs=[T(dtype, out, scale=so, zero_point=zo)])
    case(file, 'run_time_axes', op=op, options=dict(keep_dims=True), inputs=[T(dtypes[0], [2, 3, 4]), T('int32', [1], values=[-2])], outputs=[T(dtypes[0], [2, 1, 4])])
    if op not in ('REDUCE_ANY', 'REDUCE_ALL'):
        case(file, 'float32_special', op=op, inputs=[T('float32', [2, 4], values=[np.nan, 1, 2, 3, np.inf, -np.inf, 0, 1]), T('int32', [1], data=[1])], outputs=[T('float32', [2])])
        case(file, 'float32_long', op=op, inputs=[T('float32', [3, 500], low=0.9, high=1.1), T('int32', [1], data=[1])], outputs=[T('float32', [3])])
for dtype, s, z, so, zo in [('int8', 0.1, 3, 0.1, 3), ('int8', 0.02, -100, 0.0021, 50), ('uint8', 0.1, 3, 0.05, 9), ('int16', 1e-4, 0, 3e-4, 0)]:
    case('mean', f'{dtype}_large_{so:g}', op='MEAN', version=2, options=dict(keep_dims=True), inputs=[T(dtype, [1, 30, 31, 1], scale=s, zero_point=z), T('int32', [2], data=[1, 2])],
         outputs=[T(dtype, [1, 1, 1, 1], scale=so, zero_point=zo)])
# LiteRT's reference kernel reads the bytes of int8 as uint8; the sum of what is stored is as in uint8 with everything 128 higher.
rng = np.random.default_rng(3)
stored = rng.integers(-128, 128, [4, 6]).astype(np.int8)
exact = np.clip(np.round((stored.astype(np.int64) - 4).sum(1) * 0.05 / 0.5 + 1e-12) - 20, -128, 127).astype(np.int8)
case('sum', 'qint8_stored', op='SUM', version=2, inputs=[T('int8', [4, 6], scale=0.05, zero_point=4, values=stored), T('int32', [1], data=[1])],
     outputs=[T('int8', [4], scale=0.5, zero_point=-20)], expect=[[exact]], by='the definition')

for op in ['ARG_MAX', 'ARG_MIN']:
    file = op.lower()
    for k, (shape, axis, out) in enumerate([([3, 7], 1, [3]), ([3, 7], -2, [7]), ([2, 3, 4], 1, [2, 4]), ([5], 0, []), ([2, 2, 3, 2], -1, [2, 2, 3])]):
        for dtype in ['float32', 'int32', 'boolean', 'int8', 'uint8']:
            q = dict(scale=0.1, zero_point=3) if dtype in ('int8', 'uint8') and k % 2 else {}
            kind = 'int64' if k == 2 else 'int32'
            case(file, f'{dtype}_{k}', op=op, version=2, options=dict(output_type=kind.upper()), inputs=[T(dtype, shape, low=None if dtype == 'boolean' else 0, high=5, **q), T('int64' if k == 3 else 'int32', [] if k % 2 else [1], data=[axis])],
                 outputs=[T(kind, out)])
    case(file, 'float32_nan', op=op, options=dict(output_type='INT32'), inputs=[T('float32', [4, 3], values=[np.nan, 1, 2, 5, np.nan, 1, np.nan, np.nan, np.nan, 1, 1, 1]), T('int32', [], data=1)], outputs=[T('int32', [4])])
    case(file, 'run_time_axis', op=op, options=dict(output_type='INT32'), inputs=[T('float32', [2, 3]), T('int32', [1], values=[0])], outputs=[T('int32', [3])])

# Custom ops that LiteRT's Python package does not register: by the definition.
rng = np.random.default_rng(5)
for op, file in [('AveragePool3D', 'average_pool_3d'), ('MaxPool3D', 'max_pool_3d')]:
    for dtype in ['float32', 'int8']:
        for padding in ['VALID', 'SAME']:
            x = rng.integers(-90, 90, [2, 3, 4, 5, 2]).astype(dtype)
            size, step = (2, 3, 2), (1, 2, 2)
            out = [-(-n // s) if padding == 'SAME' else (n - k) // s + 1 for n, k, s in zip(x.shape[1:4], size, step)]
            y = np.zeros([2, *out, 2], dtype)
            before = [max((o - 1) * s + k - n, 0) // 2 if padding == 'SAME' else 0 for o, s, k, n in zip(out, step, size, x.shape[1:4])]
            for at in np.ndindex(*out):
                window = tuple(slice(max(a * s - p, 0), a * s - p + k) for a, s, p, k in zip(at, step, before, size))
                w = x[:, window[0], window[1], window[2], :].astype(np.float64)
                v = w.mean((1, 2, 3)) if op == 'AveragePool3D' else w.max((1, 2, 3))
                y[(slice(None), *at)] = v if dtype == 'float32' else np.copysign(np.floor(np.abs(v) + 0.5), v)
            q = {} if dtype == 'float32' else dict(scale=0.1, zero_point=4)
            case(file, f'{dtype}_{padding.lower()}', op='custom:' + op, options=dict(ksize=[1, *size, 1], strides=[1, *step, 1], padding=padding, data_format='NDHWC'),
                 inputs=[T(dtype, list(x.shape), values=x, **q)], outputs=[T(dtype, list(y.shape), **q)], expect=[[y]], by='the definition')

# Cases of the elementwise ops.
import numpy as np
from litert_cases import T, Node, case

SHAPES = [([2, 3], [2, 3]), ([2, 3, 4], [4]), ([1, 3, 1], [2, 1, 5]), ([], [3]), ([2, 1, 2, 3, 1, 2], [1, 3, 1, 3, 2, 1]), ([4, 1], [1])]


def broadcast(a, b):
    return list(np.broadcast_shapes(tuple(a), tuple(b)))


def quantized(dtype, rng):
    """A scale and a zero point."""
    if dtype == 'int16':
        return dict(scale=float(np.float32(rng.uniform(1e-5, 1e-3))))
    low, high = (0, 255) if dtype == 'uint8' else (-128, 127)
    return dict(scale=float(np.float32(rng.uniform(0.005, 0.1))), zero_point=int(rng.integers(low, high + 1)))


VERSION = {'ADD': 2, 'SUB': 2, 'MUL': 2, 'DIV': 2, 'SQUARED_DIFFERENCE': 2}
for op, plain in [('ADD', ['float32', 'int32', 'int64', 'int16']), ('SUB', ['float32', 'int32', 'int64']), ('MUL', ['float32', 'int32', 'int64', 'int16', 'uint32']),
                  ('DIV', ['float32', 'int32'])]:
    file, rng = op.lower(), np.random.default_rng(7)
    # Denominators are not zero.
    positive = lambda dtype: dict(low=1) if op == 'DIV' and dtype != 'float32' else dict(low=0) if dtype == 'uint32' else {}
    for i, (a, b) in enumerate(SHAPES):
        case(file, f'float32_{i}', op=op, inputs=[T('float32', a), T('float32', b)], outputs=[T('float32', broadcast(a, b))])
    for activation in ['RELU', 'RELU6', 'RELU_N1_TO_1']:
        for dtype in plain:
            if dtype == 'uint32' and activation == 'RELU_N1_TO_1':
                continue
            case(file, f'{dtype}_{activation.lower()}', op=op, options={'fused_activation_function': activation},
                 inputs=[T(dtype, [2, 4], **(dict(low=0) if dtype == 'uint32' else {})), T(dtype, [2, 4], **positive(dtype))], outputs=[T(dtype, [2, 4])])
    for dtype in plain[1:]:
        a, b = SHAPES[2]
        case(file, f'{dtype}_broadcast', op=op, inputs=[T(dtype, a, **(dict(low=0) if dtype == 'uint32' else {})), T(dtype, b, data='random', **positive(dtype))],
             outputs=[T(dtype, broadcast(a, b))])
    case(file, 'float32_infinite', op=op, inputs=[T('float32', [6], values=[np.inf, -np.inf, np.nan, 3e38, 1, 0]), T('float32', [6], values=[1, 1, 1, 3e38, 0, 0])],
         outputs=[T('float32', [6])])
    for dtype in ['int8', 'uint8', 'int16']:
        for i, (a, b) in enumerate(SHAPES):
            q = [quantized(dtype, rng) for _ in range(3)]
            activation = ['NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1', 'NONE', 'RELU'][i]
            if op == 'DIV':
                q[1]['zero_point'] = {'int8': -128, 'uint8': 0, 'int16': 0}[dtype]
                q[2]['scale'] = float(np.float32(q[0]['scale'] / q[1]['scale'] / 20))
            if op == 'MUL':
                q[2]['scale'] = float(np.float32(q[0]['scale'] * q[1]['scale'] * (100 if dtype != 'int16' else 20000)))
            low = {'DIV': {'int8': -127, 'uint8': 1, 'int16': 1}.get(dtype)}.get(op)
            options = {'fused_activation_function': activation}
            if op in ('ADD', 'SUB'):
                options['pot_scale_int16'] = False
            case(file, f'{dtype}_{i}', op=op, version=VERSION[op], options=options, inputs=[T(dtype, a, **q[0]), T(dtype, b, low=low, **q[1])],
                 outputs=[T(dtype, broadcast(a, b), **q[2])])
    for name, s in [] if op == 'DIV' else [('tiny', (1e-6, 2e-6, 3e-6)), ('far', (1e-5, 1.0, 0.9)), ('equal', (0.1, 0.1, 0.1))]:
        out = s[0] * s[1] * 200 if op == 'MUL' else s[2]
        case(file, f'int8_{name}', op=op, version=VERSION[op], inputs=[T('int8', [5, 8], scale=s[0]), T('int8', [5, 8], scale=s[1])], outputs=[T('int8', [5, 8], scale=out)])

for op in ['ADD', 'SUB']:
    file = op.lower()
    for i, (s1, s2, so) in enumerate([(2**-15, 2**-15, 2**-15), (2**-16, 2**-14, 2**-14), (2**-13, 2**-15, 2**-13), (2**-11, 2**-11, 2**-11)]):
        case(file, f'int16_power_of_two_{i}', op=op, version=3, options={'fused_activation_function': 'NONE' if i else 'RELU', 'pot_scale_int16': True},
             inputs=[T('int16', [3, 20], scale=s1), T('int16', [3, 20], scale=s2)], outputs=[T('int16', [3, 20], scale=so)])
    case(file, 'int16_general', op=op, version=3, options={'pot_scale_int16': True}, inputs=[T('int16', [40], scale=0.003), T('int16', [40], scale=0.0011)],
         outputs=[T('int16', [40], scale=0.004)])
case('div', 'int8_below_half', op='DIV', version=2, inputs=[T('int8', [4], scale=1e-6, values=[1, -1, 2, 100]), T('int8', [4], scale=2e-6, values=[100, 127, -128, 127])],
     outputs=[T('int8', [4], scale=0.05)], expect=[[[0, 0, 0, 8]]], by='the definition in real numbers, rounded; LiteRT shifts by more than 31 bits')
case('mul', 'complex64', op='MUL', inputs=[T('complex64', [2, 3]), T('complex64', [3])], outputs=[T('complex64', [2, 3])])
case('add', 'dynamic_batch', op='ADD', inputs=[T('float32', [1, 3], signature=[-1, 3], feed_shape=[4, 3]), T('float32', [3], data='random')],
     outputs=[T('float32', [1, 3], signature=[-1, 3])])
case('add', 'empty', op='ADD', inputs=[T('float32', [0, 3]), T('float32', [3])], outputs=[T('float32', [0, 3])])
case('add', 'chain', nodes=(lambda x, y, z, w: [Node('ADD', [x, y], [z]), Node('MUL', [z, x], [w], version=2)])(
    T('int8', [4, 4], scale=0.1, zero_point=2), T('int8', [4, 4], scale=0.2, zero_point=-3, data='random'), T('int8', [4, 4], scale=0.25, zero_point=1),
    T('int8', [4, 4], scale=1.5, zero_point=5)))

for op in ['MAXIMUM', 'MINIMUM']:
    for dtype in ['float32', 'uint8', 'int8', 'int16', 'int32', 'int64']:
        a, b = SHAPES[2]
        case(op.lower(), dtype, op=op, inputs=[T(dtype, a), T(dtype, b)], outputs=[T(dtype, broadcast(a, b))])
    for dtype in ['uint8', 'int8', 'int16']:
        case(op.lower(), f'quantized_{dtype}', op=op, version=2, inputs=[T(dtype, [2, 5], scale=0.5), T(dtype, [5], scale=0.5, data='random')],
             outputs=[T(dtype, [2, 5], scale=0.5)])
    case(op.lower(), 'nan', op=op, inputs=[T('float32', [4], values=[np.nan, 1, np.inf, -np.inf]), T('float32', [4], values=[1, np.nan, 2, np.nan])], outputs=[T('float32', [4])])

rng = np.random.default_rng(8)
for i, (a, b) in enumerate(SHAPES):
    out = broadcast(a, b)
    case('squared_difference', f'float32_{i}', op='SQUARED_DIFFERENCE', inputs=[T('float32', a), T('float32', b)], outputs=[T('float32', out)])
    case('squared_difference', f'int8_{i}', op='SQUARED_DIFFERENCE', version=2, inputs=[T('int8', a, **quantized('int8', rng)), T('int8', b, **quantized('int8', rng))],
         outputs=[T('int8', out, scale=0.4, zero_point=-128)])
case('squared_difference', 'int32', op='SQUARED_DIFFERENCE', inputs=[T('int32', [6]), T('int32', [2, 6])], outputs=[T('int32', [2, 6])])
x, y = np.array([-32768, -20000, -3, 0, 1, 12345, 32767, 7]), np.array([32767, 20000, 4, 0, -1, 12000, -32768, 7])
real = (x * float(np.float32(0.001)) - y * float(np.float32(0.0005)))**2
case('squared_difference', 'int16', op='SQUARED_DIFFERENCE', version=2, inputs=[T('int16', [8], scale=0.001, values=x), T('int16', [8], scale=0.0005, values=y)],
     outputs=[T('int16', [8], scale=0.1)], expect=[[np.round(real / float(np.float32(0.1))).astype(np.int16)]], by='the definition in real numbers, rounded', tolerance=1)

case('pow', 'float32', op='POW', inputs=[T('float32', [2, 5], low=0), T('float32', [2, 5])], outputs=[T('float32', [2, 5])])
case('pow', 'float32_broadcast', op='POW', inputs=[T('float32', [2, 1, 5], low=0), T('float32', [3, 1])], outputs=[T('float32', [2, 3, 5])])
for e in [2.0, 3.0, 7.0, 0.5, -1.0, 1.0, 0.0]:
    case('pow', f'float32_to_the_{e}', op='POW', inputs=[T('float32', [7], low=0 if e == 0.5 else -4), T('float32', [], data=[e])], outputs=[T('float32', [7])])
case('pow', 'int32', op='POW', inputs=[T('int32', [2, 5], low=-5, high=5), T('int32', [2, 5], low=0, high=6)], outputs=[T('int32', [2, 5])])
case('pow', 'int32_scalar', op='POW', inputs=[T('int32', [2, 5], low=-5, high=5), T('int32', [1], data=[5])], outputs=[T('int32', [2, 5])])

nonzero = np.array([-7, -3, -1, 1, 2, 3, 5, 9])
for op in ['FLOOR_DIV', 'FLOOR_MOD']:
    for dtype in ['float32', 'int32', 'int16', 'int8'] + (['int64'] if op == 'FLOOR_MOD' else []):
        low, high = (-100, 100)
        case(op.lower(), dtype, op=op, version=3 if op == 'FLOOR_DIV' else 2, inputs=[T(dtype, [3, 8], low=low, high=high), T(dtype, [8], values=nonzero)], outputs=[T(dtype, [3, 8])])
        case(op.lower(), f'{dtype}_same', op=op, version=3 if op == 'FLOOR_DIV' else 2, inputs=[T(dtype, [8], values=[7, -7, 6, -6, 0, 5, -5, 100]), T(dtype, [8], values=[2, 2, -3, -3, 4, -2, -2, 7])],
             outputs=[T(dtype, [8])])

case('atan2', 'float32', op='ATAN2', inputs=[T('float32', [3, 4]), T('float32', [3, 4])], outputs=[T('float32', [3, 4])])
case('atan2', 'signed_zeros', op='ATAN2', inputs=[T('float32', [4], values=[0.0, -0.0, 0.0, -0.0]), T('float32', [4], values=[1, 1, -1, -1])], outputs=[T('float32', [4])])
case('atan2', 'float64', op='ATAN2', inputs=[T('float64', [5]), T('float64', [5])], outputs=[T('float64', [5])])

for n in [2, 3, 5]:
    case('add_n', f'float32_{n}', op='ADD_N', inputs=[T('float32', [2, 7]) for _ in range(n)], outputs=[T('float32', [2, 7])])
case('add_n', 'int32', op='ADD_N', inputs=[T('int32', [4, 1]) for _ in range(4)], outputs=[T('int32', [4, 1])])

for op in ['EQUAL', 'NOT_EQUAL', 'LESS', 'LESS_EQUAL', 'GREATER', 'GREATER_EQUAL']:
    file, equality = op.lower(), op.endswith('EQUAL') and len(op) < 10
    equality = op in ('EQUAL', 'NOT_EQUAL')
    for dtype in ['float32', 'int32', 'int64'] + (['boolean'] if equality else ['int16']):
        near = dict(low=0, high=3) if 'int' in dtype else {}
        for i, (a, b) in enumerate(SHAPES[:4]):
            case(file, f'{dtype}_{i}', op=op, inputs=[T(dtype, a, **near), T(dtype, b, **near)], outputs=[T('boolean', broadcast(a, b))])
    case(file, 'float32_special', op=op, inputs=[T('float32', [5], values=[np.nan, 1, np.inf, 0.0, 2]), T('float32', [5], values=[np.nan, 1, np.inf, -0.0, 3])], outputs=[T('boolean', [5])])
    for dtype in ['int8', 'uint8']:
        for i, (s1, z1, s2, z2) in enumerate([(0.5, 3, 0.5, 3), (0.05, 1, 0.051, 4), (0.001, 0, 0.001, 0), (0.9, 10, 0.3, 2)]):
            case(file, f'{dtype}_scaled_{i}', op=op, version=2, inputs=[T(dtype, [5, 1], scale=s1, zero_point=z1, high=20, low=0), T(dtype, [8], scale=s2, zero_point=z2, low=0, high=20)],
                 outputs=[T('boolean', [5, 8])])
    case(file, 'int16_scaled', op=op, version=3 if op != 'GREATER' and op != 'LESS_EQUAL' else 2, inputs=[T('int16', [6, 6], scale=0.001, low=-3, high=3), T('int16', [6], scale=0.001, low=-3, high=3)],
         outputs=[T('boolean', [6, 6])])
    if equality:
        case(file, 'string', op=op, version=3, inputs=[T('string', [5]), T('string', [5])], outputs=[T('boolean', [5])])
        case(file, 'string_broadcast', op=op, version=3, inputs=[T('string', [2, 3]), T('string', [1, 1], data=[['tea']])], outputs=[T('boolean', [2, 3])])

for op in ['LOGICAL_AND', 'LOGICAL_OR']:
    for i, (a, b) in enumerate(SHAPES):
        case(op.lower(), f'{i}', op=op, inputs=[T('boolean', a), T('boolean', b)], outputs=[T('boolean', broadcast(a, b))])
case('logical_not', 'boolean', op='LOGICAL_NOT', inputs=[T('boolean', [3, 4])], outputs=[T('boolean', [3, 4])])
for dtype in ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32']:
    high = dict(low=0, high=1000) if dtype in ('uint16', 'uint32') else {}
    case('bitwise_xor', dtype, op='BITWISE_XOR', inputs=[T(dtype, [2, 1, 4], **high), T(dtype, [3, 1], **high)], outputs=[T(dtype, [2, 3, 4])])
    unsigned = dtype[0] == 'u'
    case('right_shift', dtype, op='RIGHT_SHIFT', inputs=[T(dtype, [2, 4], **high), T(dtype, [4], values=[0, 1, 100, 3] if unsigned else [-1, 1, 100, 3])], outputs=[T(dtype, [2, 4])])

case('bitcast', 'same', op='BITCAST', inputs=[T('float32', [2, 3])], outputs=[T('int32', [2, 3])])
case('bitcast', 'narrower', op='BITCAST', inputs=[T('int32', [2, 3])], outputs=[T('int16', [2, 3, 2])])
case('bitcast', 'wider', op='BITCAST', inputs=[T('uint8', [3, 4])], outputs=[T('float32', [3])])

lacking = lambda op: dict(resolver='BUILTIN') if op in ('CEIL', 'ROUND') else {}
for op, kw in [('SIN', {}), ('COS', {}), ('FLOOR', {}), ('CEIL', {}), ('ROUND', {}), ('SQUARE', {}), ('EXP', {}), ('LOG', dict(low=0)), ('SQRT', dict(low=0)), ('RSQRT', dict(low=0)),
               ('ABS', {}), ('NEG', {}), ('SIGN', {})]:
    case(op.lower(), 'float32', op=op, **lacking(op), inputs=[T('float32', [3, 7], **kw)], outputs=[T('float32', [3, 7])])
    case(op.lower(), 'float32_special', op=op, **lacking(op), inputs=[T('float32', [10], values=[0.0, -0.0, np.inf, -np.inf, np.nan, 0.5, 1.5, 2.5, -0.5, -2.5])], outputs=[T('float32', [10])])
    case(op.lower(), 'scalar', op=op, **lacking(op), inputs=[T('float32', [], **kw)], outputs=[T('float32', [])])
for dtype in ['int32', 'int16']:
    case('abs', dtype, op='ABS', version=3, inputs=[T(dtype, [9])], outputs=[T(dtype, [9])])
for dtype in ['int64', 'int32', 'int16', 'int8']:
    case('neg', dtype, op='NEG', inputs=[T(dtype, [9])], outputs=[T(dtype, [9])])
case('neg', 'int8_quantized', op='NEG', inputs=[T('int8', [9], scale=0.5)], outputs=[T('int8', [9], scale=0.5)])
case('sign', 'int32', op='SIGN', version=2, inputs=[T('int32', [3, 4], low=-2, high=2)], outputs=[T('int32', [3, 4])])
case('sign', 'float64', op='SIGN', inputs=[T('float64', [6])], outputs=[T('float64', [6])])
for dtype in ['float32', 'int32', 'int64']:
    case('zeros_like', dtype, op='ZEROS_LIKE', inputs=[T(dtype, [2, 3])], outputs=[T(dtype, [2, 3])])
for dtype, z in [('int8', -5), ('int16', 0)]:
    count = 256 if dtype == 'int8' else 120
    every = dict(values=np.arange(-128, 128)) if dtype == 'int8' else {}
    case('abs', f'{dtype}_same', op='ABS', version=2, inputs=[T(dtype, [count], scale=0.1, zero_point=z, **every)], outputs=[T(dtype, [count], scale=0.1, zero_point=z)])
    case('abs', f'{dtype}_rescaled', op='ABS', version=2, inputs=[T(dtype, [count], scale=0.1, zero_point=z, **every)], outputs=[T(dtype, [count], scale=0.07, zero_point=-20 if z else 0)])
    for i, (s, so, zo) in enumerate([(0.05, 0.5, -128), (0.01, 0.02, -10), (0.0002, 0.003, 5)]):
        case('exp', f'{dtype}_{i}', op='EXP', version=2, inputs=[T(dtype, [count], scale=s if z else s / 100, zero_point=z, **every)], outputs=[T(dtype, [count], scale=so if z else so / 10, zero_point=zo if z else 0)])
        case('log', f'{dtype}_{i}', op='LOG', version=2, inputs=[T(dtype, [count], scale=s if z else s / 100, zero_point=z, **every)], outputs=[T(dtype, [count], scale=so if z else so / 100, zero_point=zo if z else 0)])
    positive = dict(zero_point=-128, values=np.arange(-128, 128)) if z else dict(low=0)
    for i, (s, so) in enumerate([(0.05, 0.02), (0.9, 0.1), (0.0007, 0.001)]):
        case('sqrt', f'{dtype}_{i}', op='SQRT', version=2, inputs=[T(dtype, [count], scale=s, **positive)], outputs=[T(dtype, [count], scale=so, zero_point=-128 if z else 0)])
        case('rsqrt', f'{dtype}_{i}', op='RSQRT', version=2 if z else 3, inputs=[T(dtype, [count], scale=s, **positive)], outputs=[T(dtype, [count], scale=[0.01, 0.004, 0.3][i] if z else [1e-3, 1e-4, 3e-3][i], zero_point=[-128, -100, 3][i] if z else 0)])

numbers = ['float32', 'int32', 'int64', 'uint8', 'int8', 'int16', 'uint16', 'uint32', 'boolean', 'float64', 'float16', 'complex64']
wide = [0, 1, -1, 2.5, -2.5, 127.9, 128, 255, 256, -129, 70000, -70000, 3e9, 1e20, -1e20, 0.4]
for a in numbers:
    for b in numbers:
        if 'float64' in (a, b) and 'float32' not in (a, b) or a == b or a == 'uint16' and b == 'float64':
            continue
        if any(t in ('uint16', 'uint32') for t in (a, b)) and not any(t in ('float32', 'int64', 'int8') for t in (a, b)):
            continue
        values = dict(values=wide) if a in ('float32', 'float64') else dict(low=0, high=200) if a[0] == 'u' else dict(low=-300, high=300) if a in ('int16', 'int32', 'int64') else {}
        if a == 'complex64' and b not in ('float32', 'int32'):
            continue
        n = 16
        case('cast', f'{a}_to_{b}', op='CAST', version=6, inputs=[T(a, [n], **values)], outputs=[T(b, [n])])
case('cast', 'nan_to_int32', op='CAST', inputs=[T('float32', [3], values=[np.nan, np.inf, -np.inf])], outputs=[T('int32', [3])])
case('cast', 'int4_to_float32', op='CAST', version=6, inputs=[T('int4', [7], data=[-8, -7, -1, 0, 1, 6, 7])], outputs=[T('float32', [7])])
case('cast', 'quantized_as_stored', op='CAST', inputs=[T('int8', [9], scale=0.5, zero_point=3)], outputs=[T('float32', [9])])

for dtype in ['float32', 'int32', 'int64', 'int8', 'int16', 'boolean', 'uint8', 'uint32']:
    more = dict(low=0) if dtype == 'uint32' else {}
    case('select', f'v1_{dtype}', op='SELECT', version=2, inputs=[T('boolean', [2, 3]), T(dtype, [2, 3], **more), T(dtype, [2, 3], **more)], outputs=[T(dtype, [2, 3])])
case('select', 'v1_rank_one', op='SELECT', inputs=[T('boolean', [3]), T('float32', [3, 2, 2]), T('float32', [3, 2, 2])], outputs=[T('float32', [3, 2, 2])])
case('select', 'v1_rank_one_square', op='SELECT', inputs=[T('boolean', [3]), T('float32', [3, 3]), T('float32', [3, 3])], outputs=[T('float32', [3, 3])])
case('select', 'v1_scalar', op='SELECT', inputs=[T('boolean', []), T('float32', [3, 2]), T('float32', [3, 2])], outputs=[T('float32', [3, 2])])
for i, (c, x, y) in enumerate([([2, 3], [2, 3], [2, 3]), ([3], [3, 3], [3, 3]), ([2, 1, 1], [3, 1], [4]), ([], [2, 2], [2]), ([1], [1], [1]), ([2, 2], [], [])]):
    out = list(np.broadcast_shapes(tuple(c), tuple(x), tuple(y)))
    case('select', f'v2_{i}', op='SELECT_V2', inputs=[T('boolean', c), T('float32', x), T('float32', y)], outputs=[T('float32', out)])
    case('select', f'v2_int8_{i}', op='SELECT_V2', inputs=[T('boolean', c), T('int8', x, scale=0.1), T('int8', y, scale=0.1)], outputs=[T('int8', out, scale=0.1)])

for dtype in ['boolean', 'float32', 'int64', 'int32', 'int8', 'uint8', 'uint32']:
    few = {} if dtype == 'boolean' else dict(values=[[0, 1, 2], [3, 0, 0]])
    case('where', dtype, op='WHERE', inputs=[T(dtype, [2, 3], **few)], outputs=[T('int64', [0, 2], signature=[-1, 2])])
case('where', 'nothing', op='WHERE', inputs=[T('boolean', [4], values=[0, 0, 0, 0])], outputs=[T('int64', [0, 1], signature=[-1, 1])])
case('where', 'all_3d', op='WHERE', inputs=[T('boolean', [2, 1, 2], values=[1, 1, 1, 1])], outputs=[T('int64', [0, 3], signature=[-1, 3])])
case('where', 'constant', op='WHERE', inputs=[T('boolean', [2, 2], data=[[1, 0], [0, 1]])], outputs=[T('int64', [2, 2])])
x, w, z = T('float32', [6], values=[0, 1, 0, -2, 3, 0]), T('int64', [0, 1], signature=[-1, 1]), T('float32', [0, 1], signature=[-1, 1])
case('where', 'cast_after', nodes=[Node('WHERE', [x], [w]), Node('CAST', [w], [z])], graph_outputs=[z])

for dtype in ['float32', 'int32', 'int64', 'float64']:
    case('bucketize', dtype, op='BUCKETIZE', options={'boundaries': [-2.0, 0.0, 0.5, 3.0]}, inputs=[T(dtype, [2, 6], values=[[-3, -2, -1, 0, 0.5, 1], [3, 4, 2, -2.5, 0.25, 100]])],
         outputs=[T('int32', [2, 6])])
for exclusive in [False, True]:
    for reverse in [False, True]:
        for axis in [0, 1, -1]:
            case('cumsum', f'float32_{axis}_{int(exclusive)}{int(reverse)}', op='CUMSUM', options={'exclusive': exclusive, 'reverse': reverse},
                 inputs=[T('float32', [2, 3, 4]), T('int32', [], data=[axis])], outputs=[T('float32', [2, 3, 4])])
for dtype in ['int32', 'int64']:
    case('cumsum', dtype, op='CUMSUM', inputs=[T(dtype, [3, 5]), T('int32', [1], data=[1])], outputs=[T(dtype, [3, 5])])
case('cumsum', 'axis_computed', op='CUMSUM', inputs=[T('int32', [3, 5]), T('int32', [], values=[0])], outputs=[T('int32', [3, 5])])

for op in ['REAL', 'IMAG', 'COMPLEX_ABS']:
    case(op.lower(), 'complex64', op=op, inputs=[T('complex64', [2, 5])], outputs=[T('float32', [2, 5])])
    case(op.lower(), 'complex128', op=op, inputs=[T('complex128', [3])], outputs=[T('float64', [3])])

seeds = {'seed': 1234, 'seed2': 5678}
for op in ['RANDOM_UNIFORM', 'RANDOM_STANDARD_NORMAL']:
    case(op.lower(), 'three_runs', op=op, options=seeds, inputs=[T('int32', [2], data=[3, 7])], outputs=[T('float32', [3, 7])], runs=3)
    case(op.lower(), 'long_seeds', op=op, options={'seed': 0x1234567890, 'seed2': -5}, inputs=[T('int32', [1], data=[6])], outputs=[T('float32', [6])])
    case(op.lower(), 'shape_computed', op=op, options=seeds, inputs=[T('int32', [2], values=[4, 5])], outputs=[T('float32', [0, 0], signature=[-1, -1])])
for dtype in ['int64', 'int32']:
    case('multinomial', dtype, op='MULTINOMIAL', options=seeds, inputs=[T('float32', [3, 5]), T('int32', [], data=[9])], outputs=[T(dtype, [3, 9])], runs=2)
case('multinomial', 'infinite_logits', op='MULTINOMIAL', options=seeds, inputs=[T('float32', [1, 4], values=[[-np.inf, 0, 1, -np.inf]]), T('int32', [], data=[20])], outputs=[T('int64', [1, 20])])

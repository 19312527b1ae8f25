# Cases of LSTMs: sequence, single step, both directions, and the basic kernel.
from litert_cases import T, case


def f(shape, low=-1, high=1):
    return T('float32', shape, data='random', low=low, high=high)


def w(kind, shape, scale=0.008):
    return f(shape) if kind == 'float32' else T('int8', shape, scale=scale, data='random', low=-127, high=127)


def cell(kind, batch, size, cells, outputs, coupled=False, peephole=False, projection=False, norm=False, projection_bias=True):
    """Operands 1 to 23 of UNIDIRECTIONAL_SEQUENCE_LSTM, float states."""
    gates = [None if coupled else w(kind, [cells, size])] + [w(kind, [cells, size]) for _ in range(3)]
    gates += [None if coupled else w(kind, [cells, outputs])] + [w(kind, [cells, outputs]) for _ in range(3)]
    diagonal = [w(kind, [cells]) if peephole and not (coupled and g == 0) else None for g in range(3)]
    bias = [None if coupled else f([cells])] + [f([cells]) for _ in range(3)]
    project = [w(kind, [outputs, cells]), f([outputs]) if projection_bias else None] if projection else [None, None]
    states = [T('float32', [batch, outputs], variable=True), T('float32', [batch, cells], variable=True)]
    coefficients = [None if coupled and g == 0 else f([cells], 0.5, 1.5) for g in range(4)] if norm else [None] * 4
    return gates + diagonal + bias + project + states + coefficients


SHAPES = [(1, 3, 4, 3), (2, 4, 5, 6), (3, 2, 7, 4)]  # batch, time, features, cells
VARIANTS = {'plain': {}, 'coupled': dict(coupled=True), 'peephole': dict(peephole=True), 'projected': dict(projection=True),
            'normalized': dict(norm=True), 'all': dict(peephole=True, projection=True, norm=True, coupled=True)}

for kind in ['float32', 'hybrid']:
    for k, (variant, how) in enumerate(VARIANTS.items()):
        batch, time, size, cells = SHAPES[k % 3]
        outputs = 2 if how.get('projection') else cells
        for major in [True, False]:
            for asymmetric in [False, True] if kind == 'hybrid' else [False]:
                options = dict(fused_activation_function='TANH', time_major=major, asymmetric_quantize_inputs=asymmetric,
                               cell_clip=0.8 if k % 2 else 0.0, proj_clip=0.5 if variant == 'all' else 0.0)
                shape = [time, batch, size] if major else [batch, time, size]
                case('lstm', f'{kind}_{variant}_{"time" if major else "batch"}_{asymmetric}', op='UNIDIRECTIONAL_SEQUENCE_LSTM',
                     options=('UnidirectionalSequenceLSTMOptions', options), version=3 if asymmetric else 2 if kind == 'hybrid' else 1, runs=2,
                     inputs=[T('float32', shape), *cell(kind, batch, size, cells, outputs, **how)], outputs=[T('float32', shape[:2] + [outputs])],
                     tolerance=1e-5 if kind == 'float32' else 2e-2)
    batch, _, size, cells = SHAPES[1]
    case('lstm_step', f'{kind}_full', op='LSTM', options=('LSTMOptions', dict(fused_activation_function='TANH', kernel_type='FULL')),
         version=3 if kind == 'hybrid' else 1, runs=3, inputs=[T('float32', [batch, size]), *cell(kind, batch, size, cells, cells)[:19]],
         outputs=[T('float32', [batch, cells])], tolerance=1e-5 if kind == 'float32' else 2e-2)
    for merge in [True, False]:
        there, back = (cell(kind, 2, 3, 4, 4) for _ in range(2))
        case('lstm_bidirectional', f'{kind}_{merge}', op='BIDIRECTIONAL_SEQUENCE_LSTM',
             options=('BidirectionalSequenceLSTMOptions', dict(fused_activation_function='TANH', time_major=True, merge_outputs=merge)),
             version=2 if kind == 'hybrid' else 1, runs=2,
             inputs=[T('float32', [4, 2, 3]), *there[:17], *back[:17], there[17], there[18], back[17], back[18], None, *[None] * 8],
             outputs=[T('float32', [4, 2, 8])] if merge else [T('float32', [4, 2, 4]), T('float32', [4, 2, 4])],
             tolerance=1e-5 if kind == 'float32' else 2e-2)


def int8_cell(batch, size, cells, outputs, coupled=False, peephole=False, projection=False, norm=False, cell_scale=2**-11):
    i8 = lambda shape, scale: T('int8', shape, scale=scale, data='random', low=-127, high=127)
    i32 = lambda n: T('int32', [n], scale=0.0003, data='random', low=-2000, high=2000)
    gates = [None if coupled else i8([cells, size], 0.004)] + [i8([cells, size], s) for s in (0.005, 0.006, 0.0045)]
    gates += [None if coupled else i8([cells, outputs], 0.006)] + [i8([cells, outputs], s) for s in (0.005, 0.007, 0.0065)]
    diagonal = [T('int16', [cells], scale=3e-5, data='random', low=-32767, high=32767) if peephole and not (coupled and g == 0) else None for g in range(3)]
    bias = [None if coupled else i32(cells)] + [i32(cells) for _ in range(3)]
    project = [i8([outputs, cells], 0.004), T('int32', [outputs], scale=0.0001, data='random', low=-900, high=900)] if projection else [None, None]
    states = [T('int8', [batch, outputs], scale=0.0078, zero_point=5, variable=True), T('int16', [batch, cells], scale=cell_scale, variable=True)]
    norms = [None if coupled and g == 0 else T('int16', [cells], scale=3e-5, data='random', low=8000, high=32767) for g in range(4)] if norm else [None] * 4
    return gates + diagonal + bias + project + states + norms


for k, (variant, how) in enumerate(VARIANTS.items()):
    for power in [-11, -12, -9]:
        batch, time, size, cells = SHAPES[(k + power) % 3]
        cells = 8 if how.get('norm') else cells  # LiteRT's integer layer normalization wants a power of two
        outputs = cells if variant != 'projected' else 4
        if variant == 'all':
            outputs = cells
        hidden = dict(scale=0.0081, zero_point=-3) if how.get('projection') else dict(scale=0.0078, zero_point=5)
        inside = [T('int16', [0], scale=0.002 + 0.0003 * g) if how.get('norm') else T('float32', [0]) for g in range(4)] + [T('int8', [0], **hidden)]
        case('lstm', f'int8_{variant}_{-power}', op='UNIDIRECTIONAL_SEQUENCE_LSTM', version=3, runs=3,
             options=('UnidirectionalSequenceLSTMOptions', dict(fused_activation_function='TANH', time_major=bool(k % 2), cell_clip=4.0 if power == -12 else 0.0)),
             inputs=[T('int8', [time, batch, size] if k % 2 else [batch, time, size], scale=0.03, zero_point=-7),
                     *int8_cell(batch, size, cells, outputs, cell_scale=2.0**power, **how)],
             outputs=[T('int8', [time, batch, outputs] if k % 2 else [batch, time, outputs], scale=0.0078, zero_point=5)], intermediates=inside)

for batch, size, depth in [(1, 3, 4), (2, 5, 3)]:
    basic = ('LSTMOptions', dict(fused_activation_function='TANH', kernel_type='BASIC'))
    case('basic_lstm', f'float32_{batch}', op='LSTM', options=basic, version=2, runs=2,
         inputs=[T('float32', [batch, size]), T('float32', [batch, depth], low=-1, high=1), f([4 * depth, size + depth]), f([4 * depth]),
                 T('float32', [batch, depth])],
         outputs=[T('float32', [batch, depth]), T('float32', [batch, depth]), T('float32', [batch, size + depth]), T('float32', [batch, 4 * depth])])
    half = dict(scale=1 / 128, zero_point=128)
    # LiteRT has only the optimized kernel here, whose product rounds once where the reference definition rounds twice.
    case('basic_lstm', f'uint8_{batch}', op='LSTM', options=basic, version=2, runs=2,
         inputs=[T('uint8', [batch, size], **half), T('uint8', [batch, depth], **half),
                 T('uint8', [4 * depth, size + depth], scale=0.01, zero_point=131, data='random'),
                 T('int32', [4 * depth], scale=0.01 / 128, data='random', low=-3000, high=3000), T('int16', [batch, depth], scale=2**-11)],
         outputs=[T('uint8', [batch, depth], **half), T('int16', [batch, depth], scale=2**-11), T('uint8', [batch, size + depth], **half),
                  T('int16', [batch, 4 * depth], scale=2**-12)], tolerance=1)

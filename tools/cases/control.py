# Cases of ops with bodies, variables and tables.
from flatbuffers import flexbuffers
from litert_cases import T, Node, Graph, case

f = lambda *shape, **how: T('float32', list(shape), **how)
i32 = lambda *shape, **how: T('int32', list(shape), **how)


def less_than(limit, others=()):
    """A condition: counter < limit. `others`: the loop variables that it does not look at."""
    counter, result = i32(), T('boolean', [])
    return Graph([counter, *others], [result], [Node('LESS', [counter, i32(data=limit)], [result])])


def counting(inputs, outputs, nodes):
    """A body: counter + 1, and what else is given."""
    counter, after = i32(), i32()
    return Graph([counter, *inputs], [after, *outputs], [Node('ADD', [counter, i32(data=1)], [after]), *nodes])


WHILE = {'cond_subgraph_index': 1, 'body_subgraph_index': 2}


def loop(name, variables, outputs, condition, body, counter=0, **how):
    start, end = i32(values=counter), i32()
    case('while_loop', name, op='WHILE', options=WHILE, inputs=[start, *variables], outputs=[end, *outputs], bodies=[condition, body], **how)


for name, start in [('three_times', 2), ('never', 9), ('once', 4)]:
    x, y = f(2, 3), f(2, 3)
    loop(name, [f(2, 3)], [f(2, 3)], less_than(5, [f(2, 3)]), counting([x], [y], [Node('MUL', [x, x], [y])]), counter=start)
a, b = f(3), f(3)
# LiteRT copies the body's outputs one after the other over its inputs, which here are the same tensors.
loop('swapped_variables', [f(3, values=[1, 2, 3]), f(3, values=[4, 5, 6])], [f(3), f(3)], less_than(3, [f(3), f(3)]), counting([a, b], [b, a], []),
     expect=[[3, [4, 5, 6], [1, 2, 3]]], by='three swaps; LiteRT 2.3.0 loses one of the two variables')
loop('quantized', [T('int8', [4], scale=0.5, zero_point=-3)], [T('int8', [4], scale=0.5, zero_point=-3)], less_than(2, [T('int8', [4], scale=0.5, zero_point=-3)]),
     (lambda p, q: counting([p], [q], [Node('ADD', [p, p], [q], version=2)]))(T('int8', [4], scale=0.5, zero_point=-3), T('int8', [4], scale=0.5, zero_point=-3)))
# The variable's first dimension grows.
x, y = f(1, 2, signature=[-1, 2]), f(1, 2, signature=[-1, 2])
loop('growing', [f(1, 2)], [f(1, 2, signature=[-1, 2])], less_than(4, [f(1, 2, signature=[-1, 2])]),
     counting([x], [y], [Node('CONCATENATION', [x, x], [y], {'axis': 0})]), counter=[0, 2], runs=2)
# What follows a loop of growing variables.
x, y, grown, total, start, end = f(1, 2, signature=[-1, 2]), f(1, 2, signature=[-1, 2]), f(1, 2, signature=[-1, 2]), f(2), i32(values=[1, 3]), i32()
case('while_loop', 'growing_then_summed', runs=2, nodes=[
    Node('WHILE', [start, f(1, 2, name='x')], [end, grown], WHILE, bodies=[less_than(4, [f(1, 2, signature=[-1, 2])]),
         counting([x], [y], [Node('CONCATENATION', [x, x], [y], {'axis': 0})])]),
    Node('SUM', [grown, i32(1, data=[0])], [total])])

IF = {'then_subgraph_index': 1, 'else_subgraph_index': 2}


def unary(op, *shape, out=None):
    x, y = f(*shape), f(*(out or shape))
    return Graph([x], [y], [Node(op, [x], [y])])


for name, value in [('then', True), ('else', False)]:
    case('if_else', name, op='IF', options=IF, inputs=[T('boolean', [1], values=[value]), f(2, 2)], outputs=[f(2, 2)], bodies=[unary('NEG', 2, 2), unary('ABS', 2, 2)])
case('if_else', 'both_in_turn', op='IF', options=IF, inputs=[T('boolean', [], values=[True, False, True]), f(2, 2, values=[[1, -2, 3, -4]] * 3)], outputs=[f(2, 2)],
     bodies=[unary('NEG', 2, 2), unary('ABS', 2, 2)], runs=3)
# The branches' shapes differ.
x, y = f(2), f(4)
case('if_else', 'shapes_differ', op='IF', options=IF, inputs=[T('boolean', [1], values=[[True], [False], [True]]), f(2, values=[[1, -2]] * 3)], outputs=[f(2, signature=[-1])],
     bodies=[unary('NEG', 2), Graph([x], [y], [Node('CONCATENATION', [x, x], [y], {'axis': 0})])], runs=3)
a, b, c = f(3), f(3), f(3)
d, e, g = f(3), f(3), f(3)
case('if_else', 'two_operands_two_outputs', op='IF', options=IF, inputs=[T('boolean', [1], values=[[True], [False]]), f(3), f(3)], outputs=[f(3), f(3)], runs=2,
     bodies=[Graph([a, b], [c, a], [Node('ADD', [a, b], [c], version=2)]), Graph([d, e], [d, g], [Node('SUB', [d, e], [g], version=2)])])

HANDLE = {'container': '', 'shared_name': 'v'}
h, x, before, after, later = T('resource', [1]), f(3, values=[[1, 2, 3], [10, 20, 30], [100, 200, 300]]), f(3), f(3), f(3)
case('read_variable', 'accumulates', runs=3, graph_outputs=[later], nodes=[
    Node('VAR_HANDLE', [], [h], HANDLE), Node('READ_VARIABLE', [h], [before]), Node('ADD', [before, x], [after], version=2),
    Node('ASSIGN_VARIABLE', [h, after], []), Node('READ_VARIABLE', [h], [later])],
    expect=[[[1, 2, 3]], [[11, 22, 33]], [[111, 222, 333]]], by='sums; LiteRT refuses to read before the first assignment')


def once(values, name='v'):
    handle = T('resource', [1])
    return Graph([], [], [Node('VAR_HANDLE', [], [handle], {'container': '', 'shared_name': name}),
                          Node('ASSIGN_VARIABLE', [handle, f(len(values), data=values)], [])])


h, x, before, after = T('resource', [1]), f(3), f(3), f(3)
case('call_once', 'initialises', runs=3, graph_outputs=[after], nodes=[
    Node('CALL_ONCE', [], [], {'init_subgraph_index': 1}, bodies=[once([5, 6, 7])]),
    Node('VAR_HANDLE', [], [h], HANDLE), Node('READ_VARIABLE', [h], [before]), Node('ADD', [before, x], [after], version=2),
    Node('ASSIGN_VARIABLE', [h, after], [])])
# A ring buffer: the window moves by one in every run, as streaming models keep it.
h, x, window, joined, cut, mean = T('resource', [1]), f(1), f(4), f(5), f(4), f(1)
case('call_once', 'streaming_window', runs=4, graph_outputs=[mean], nodes=[
    Node('CALL_ONCE', [], [], {'init_subgraph_index': 1}, bodies=[once([0, 0, 0, 0], 'w')]),
    Node('VAR_HANDLE', [], [h], {'container': '', 'shared_name': 'w'}),
    Node('READ_VARIABLE', [h], [window]), Node('CONCATENATION', [window, x], [joined], {'axis': 0}),
    Node('SLICE', [joined, i32(1, data=[1]), i32(1, data=[4])], [cut]), Node('ASSIGN_VARIABLE', [h, cut], []),
    Node('MEAN', [cut, i32(1, data=[0])], [mean], {'keep_dims': True})])

none = flexbuffers.Builder()
none.MapFromElements({})
NONE = list(bytes(none.Finish()))
x, y = f(2, 3), f(2, 3)
case('call', 'composite', op='STABLEHLO_COMPOSITE', options={'name': 'odml.twice', 'decomposition_subgraph_index': 1, 'composite_attributes': NONE}, inputs=[f(2, 3)], outputs=[f(2, 3)],
     bodies=[Graph([x], [y], [Node('ADD', [x, x], [y], version=2)])])
a, b, s, d = f(3), f(3), f(3), f(3)
case('call', 'composite_of_two', op='STABLEHLO_COMPOSITE', options={'name': 'host.both', 'decomposition_subgraph_index': 1, 'composite_attributes': NONE}, inputs=[f(3), f(3)], outputs=[f(3), f(3)],
     bodies=[Graph([a, b], [s, d], [Node('ADD', [a, b], [s], version=2), Node('SUB', [a, b], [d], version=2)])])


def table(key, value, keys, values, wanted, fallback, name):
    t, found, size = T('resource', [1]), T(value, [len(wanted)]), T('int64', [1])
    case('hashtable_find', name, graph_outputs=[found, size], runs=2, resolver='BUILTIN', nodes=[
        Node('HASHTABLE', [], [t], {'table_id': 7, 'key_dtype': key, 'value_dtype': value}),
        Node('HASHTABLE_IMPORT', [t, T(key, [len(keys)], data=keys), T(value, [len(values)], data=values)], []),
        Node('HASHTABLE_FIND', [t, T(key, [len(wanted)], values=[wanted, wanted[::-1]]), T(value, [1], data=[fallback])], [found]),
        Node('HASHTABLE_SIZE', [t], [size])])


table('int64', 'string', [3, 1, 4, 1], ['three', '', 'four', 'other'], [1, 4, 9, 3], '?', 'numbers_to_strings')
table('string', 'int64', ['b', 'a', '', 'a'], [10, 20, 30, 40], ['a', 'c', '', 'b'], -1, 'strings_to_numbers')

"""The files of tests/diagnostics: a damaged model, and beside it what must be said of it. What both makers of them share."""
import json


class Cases:
    """`ending` of models, `said` of what is said; `fresh` makes the sound model that damages are done to."""

    def __init__(self, out, ending, said, fresh):
        self.out, self.ending, self.said, self.fresh, self.damages = out, ending, said, fresh, {}

    def write(self, folder, name, net, ending, said):
        folder = self.out / folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (name + self.ending)).write_bytes(net.pack())
        (folder / (name + ending)).write_text(json.dumps(said, indent=1) + '\n')

    def case(self, name, code, cause, damage, net, severity='error', node=None, tensor=None, attribute=None, fix=None, loadable=False):
        self.damages[name] = damage, dict(code=code, node=node, tensor=tensor)
        damage(net)
        self.write(code, name, net, self.said, dict(code=code, cause=cause, severity=severity, node=node, tensor=tensor, attribute=attribute,
                                                    fix=fix, loadable=loadable))

    def several(self, *names):
        """Independent faults in one model: each must be named, none may hide another."""
        net = self.fresh()
        for name in names:
            self.damages[name][0](net)
        self.write('several', '__'.join(names), net, self.ending + '.json', dict(all=[self.damages[n][1] for n in names]))

"""Records what the real Ironic's policy answers: every rule, many callers, several targets.

    ~/.cache/ferric-peers/ironic-newest/bin/python -W ignore tests/auth/upstream/record_rules.py \
        > tests/auth/upstream/rules.json

Printed: who asks, of what, and for every mode the outcomes of the rules, a text of one letter for
each pair of caller and target: y allowed, n denied, s a token of the wrong scope.
"""

import importlib.metadata
import itertools
import json
import logging
import sys

from oslo_policy import opts
from oslo_policy import policy as oslo

from ironic.common import context, policy
from ironic.conf import CONF

OWN, OTHER = "p-own", "p-other"

ROLES = {
    "none": [],
    "reader": ["reader"],
    "member": ["member", "reader"],
    "manager": ["manager", "member", "reader"],
    "admin": ["admin", "manager", "member", "reader"],
    "service": ["service"],
    "administrator": ["administrator"],
    "ADMIN": ["ADMIN"],
    "observer": ["observer"],
    "baremetal_observer": ["baremetal_observer"],
    "baremetal_admin": ["baremetal_admin"],
}

IN_DEFAULT = {"project_domain_id": "default", "user_domain_id": "default"}
PLACES = {
    "system": {"system_scope": "all"},
    "domain": {"domain_id": "d1"},
    "unscoped": {},
    "project": {"project_id": OWN, "project_name": "own", **IN_DEFAULT},
    "not admin project": {
        "project_id": OWN,
        "project_name": "own",
        "is_admin_project": False,
        **IN_DEFAULT,
    },
    "baremetal": {"project_id": OWN, "project_name": "baremetal", **IN_DEFAULT},
    "demo without domain": {"project_id": OWN, "project_name": "demo"},
    "demo elsewhere": {
        "project_id": OWN,
        "project_name": "demo",
        "project_domain_id": "d1",
    },
    "service": {"project_id": OWN, "project_name": "service", **IN_DEFAULT},
    "public": {"is_public_api": True},
}


def objects(owner, lessee=None):
    return {
        "node.owner": owner,
        "node.lessee": lessee,
        "allocation.owner": owner,
        "runbook.owner": owner,
    }


ELEVATED = {"config.service_project_name": "service"}
TARGETS = {
    "nothing": {},
    "own": objects(OWN),
    "leased": objects(OTHER, OWN),
    "somebody's": objects(OTHER, OTHER),
    "nobody's": objects(None),
    "somebody's, elevated": {**objects(OTHER), **ELEVATED},
}
MODES = {"new": True, "legacy": False}


def enforcer(new_defaults):
    CONF.set_override("enforce_new_defaults", new_defaults, "oslo_policy")
    made = oslo.Enforcer(CONF, policy_file="/nonexistent/policy.yaml")
    made.suppress_deprecation_warnings = True
    made.register_defaults(policy.list_policies())
    made.load_rules()
    return made


def answer(made, rule, caller, target):
    creds = caller.to_policy_values()
    try:
        made.authorize(rule, {**dict(creds), **target}, creds, do_raise=True)
        return "y"
    except oslo.InvalidScope:
        return "s"
    except oslo.PolicyNotAuthorized:
        return "n"


def main():
    logging.disable(logging.CRITICAL)
    CONF([], project="ironic")
    opts.set_defaults(CONF)
    pairs = list(itertools.product(PLACES, ROLES))
    callers = [
        context.RequestContext(roles=ROLES[roles], overwrite=False, **PLACES[place])
        for place, roles in pairs
    ]
    rules = list(policy.list_policies())
    modes = {}
    for mode, new_defaults in MODES.items():
        made = enforcer(new_defaults)
        alike = {}
        for rule in rules:
            text = "".join(
                answer(made, rule.name, caller, target)
                for caller in callers
                for target in TARGETS.values()
            )
            alike.setdefault(text, []).append(rule.name)
        modes[mode] = [{"rules": names, "outcomes": text} for text, names in alike.items()]
    recorded = {
        "ironic": importlib.metadata.version("ironic"),
        "oslo.policy": importlib.metadata.version("oslo.policy"),
        "roles": ROLES,
        "places": PLACES,
        "targets": TARGETS,
        "renamed": {
            rule.name: rule.deprecated_rule.name
            for rule in rules
            if rule.deprecated_rule and rule.deprecated_rule.name != rule.name
        },
        "modes": modes,
    }
    json.dump(recorded, sys.stdout, indent=1)
    print()


main()

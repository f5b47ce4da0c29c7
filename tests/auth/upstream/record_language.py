"""Records what oslo.policy makes of checks and of policy files that replace Ironic's rules.

    ~/.cache/ferric-peers/ironic-newest/bin/python -W ignore tests/auth/upstream/record_language.py \
        > tests/auth/upstream/language.json

An outcome is one letter for each caller: y holds, n does not, e an exception (upstream's 500).
`understood` is false where oslo.policy wrote that it failed to understand the check, `odd` are the
parts that are of none of the documented forms.
"""

import importlib.metadata
import json
import logging
import random
import re
import sys

from oslo_policy import _checks, _parser, opts
from oslo_policy import policy as oslo

from ironic.common import context, policy
from ironic.conf import CONF

CALLERS = [
    {
        "roles": ["Admin", "member", "reader"],
        "user_id": "u1",
        "project_id": "p1",
        "project_name": "one",
        "project_domain_id": "default",
        "user_domain_id": "default",
    },
    {"roles": ["reader", "service"], "system_scope": "all", "user_id": "u2"},
    {"roles": [], "domain_id": "d1", "is_admin_project": False},
    {"roles": ["7", "True"], "project_id": "None", "is_public_api": True},
]
TARGET = {
    "node.owner": "p1",
    "node.lessee": None,
    "role": "ADMIN",
    "user_id": "u2",
    "number": 7,
    "flag": True,
    "list": ["a", 1, None],
    "map": {"k": "v"},
    "empty": "",
    "odd key": "x",
    "percent": "100%",
}
NAMED = {"yes": "@", "no": "!", "mine": "project_id:%(node.owner)s", "deep": "rule:mine"}

LEAVES = [
    "role:admin", "role:member", "role:%(role)s", "role:%(absent)s", "role:service",
    "rule:yes", "rule:no", "rule:deep", "rule:absent", "@", "!",
    "project_id:%(node.owner)s", "project_id:%(node.lessee)s", "project_id:p1",
    "user_id:%(user_id)s", "system_scope:all", "system_scope:None", "is_admin_project:True",
    "is_public_api:False", "domain_id:d1", "'x':%(odd_key)s", "'ADMIN':%(role)s",
    '"p1":%(node.owner)s', "True:%(flag)s", "7:%(number)s", "None:%(node.lessee)s",
    "roles:reader", "absent:x", "project_name:%(project_name)s", "service_roles:service",
]

CURATED = [
    "", " ", "\t\n", "@", "!", "@ or !", "()", "(@)", "((@))", "( @ )", "(@", "@)", "not @",
    "not !", "not not @", "not not !", "NOT !", "@ AND @", "! Or @", "not", "and", "or @", "@ or",
    "@ @", "@ not @", "not(@)", "not (@)", "not ( ! )", "!or@", "role", "role:", ":x", "role:admin:x",
    "role:admin or nonsense", "nonsense or role:admin", "nonsense and role:admin", "not nonsense",
    "'x'", '"@"', "'a b':%(role)s", "'ADMIN':%(role)s", '"ADMIN":%(role)s', "'ADMIN':ADMIN",
    "'it''s':x", "'':%(empty)s", "''':x", "u'ADMIN':%(role)s", "7:7", "7:%(number)s", "07:7",
    "-7:-7", "+7:7", "0x7:7", "7.0:7.0", "1e3:1000.0", "True:%(flag)s", "true:%(flag)s", "None:None",
    "[]:[]", "['a',1,None]:%(list)s", "role:%(number)s", "role:%(flag)s", "roles:Admin", "roles:7",
    "roles.x:7", "project_id.x:p1", "absent.x:1", "user-id:u1", "a..b:x", "is:x", "is_public_api:True",
    "project_id:%(odd key)s", "'x':%(odd", "'p1-x':%(node.owner)s-x", "'a-p1':a-%(node.owner)s",
    "'p1p1':%(node.owner)s%(node.owner)s", "'100%':100%%", "'100%':%(percent)s", "'x':%", "'x':%s",
    "'7':%(number)d", "'07':%(number)02d", "'x':%(absent)s%", "rule:%(role)s", "rule:yes:no",
    "rule:", "role:%(role)s", "role:ADMIN", "role:%", "project_id:%(project_id)s",
    "user_id:%(user_id)s", "'u2':%(user_id)s", "(role:admin)and(role:member)",
    "(role:admin) and(role:member)", "(role:admin or role:service)and @", "role:admin and and @",
    "(not role:admin)", "not(role:admin)", "a:(b)", "project_id:%(node.owner)s)",
    "(project_id:%(node.owner)s)", "((project_id:%(node.owner)s) or !)", "@ or (", "! or ()",
    "'x' or @", "@ or 'x'", "is_admin:True", "tenant:%(node.owner)s", "user:u1",
    "config.service_project_name:x", "service_user_id:None", "map.k:v", "'v':%(map.k)s",
    "\"{'k': 'v'}\":%(map)s", "project_id :p1", "project_id: p1", "role:admin,role:member",
    "not role:admin and role:member", "not role:admin or role:member",
    "@ or @ and !", "! and @ or @", "@ and ! or !", "! or @ and @ or !", "not ! and not !",
]

LISTS = [
    [], [[]], [[], []], ["role:admin"], [["role:admin", "role:member"]], [["role:admin"], "role:service"],
    ["@"], ["!"], [["@", "!"], ["@"]], ["role:admin or @"], [["rule:mine", "role:member"], ["rule:no"]],
    ["nonsense"], [["nonsense", "@"], "@"], ["not @"], [""], ["(@)"],
]

FILES = [
    {},
    {"baremetal:node:get": "role:admin"},
    {"baremetal:node:get": "!"},
    {"baremetal:node:get": "rule:is_admin or rule:is_observer"},
    {"baremetal:node:get": "(rule:is_admin or rule:is_observer)"},
    {"baremetal:node:get": "rule:baremetal:node:get:last_error"},
    {"baremetal:node:get": "!", "baremetal:node:get:last_error": "@"},
    {"baremetal:node:update": "!"},
    {"baremetal:node:update": "rule:is_admin"},
    {"baremetal:node:update": "@", "baremetal:node:update:owner": "!"},
    {"baremetal:node:update:owner": "rule:baremetal:node:update"},
    {"baremetal:node:set_maintenance": "role:service"},
    {"baremetal:volume:update": [["role:service"], ["role:admin", "project_id:p1"]]},
    {"is_admin": "role:service"},
    {"admin_api": "role:boss or role:reader"},
    {"default": "@"},
    {"default": "!", "baremetal:node:get": "rule:absent"},
    {"default": "@", "baremetal:node:get": "rule:absent"},
    {"service_role": "role:service"},
    {"mine": "project_id:%(node.owner)s", "baremetal:node:delete": "rule:mine"},
    {"baremetal:node:delete": ""},
    {"baremetal:node:delete": " "},
    {"baremetal:node:delete": []},
    {"baremetal:portgroup:get": "role:service", "baremetal:volume:get": "role:member"},
    {"baremetal:chassis:get": "@", "baremetal:driver:get": "!"},
]
ASKED = [
    "baremetal:node:get", "baremetal:node:get:last_error", "baremetal:node:get:driver_info",
    "baremetal:node:history:get", "baremetal:node:list", "baremetal:node:list_all",
    "baremetal:node:update", "baremetal:node:update:owner", "baremetal:node:update:driver_info",
    "baremetal:node:update_extra", "baremetal:node:set_boot_device", "baremetal:node:set_maintenance",
    "baremetal:node:delete", "baremetal:node:disable_cleaning", "baremetal:portgroup:list",
    "baremetal:portgroup:get", "baremetal:volume:list", "baremetal:volume:view_target_properties",
    "baremetal:chassis:get", "baremetal:driver:get", "baremetal:allocation:create", "absent",
]


class Puzzled(Exception):
    """oslo.policy failed to understand something."""


def understood(source):
    said = []
    original = _parser.LOG.exception
    _parser.LOG.exception = lambda *args, **kwargs: said.append(args)
    try:
        return _parser.parse_rule(source), not said
    finally:
        _parser.LOG.exception = original


KIND = re.compile(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*|-?\d+|'[^'\\]*'|\"[^\"\\]*\"")
MATCH = re.compile(r"([^%]|%%|%\([^()]*\)s)*")


def leaves(check):
    if isinstance(check, _checks.Check):
        return [check]
    inner = getattr(check, "rules", None) or [one for one in [getattr(check, "rule", None)] if one]
    return [leaf for one in inner for leaf in leaves(one)]


def odd(check):
    return sorted({
        str(leaf)
        for leaf in leaves(check)
        if not (KIND.fullmatch(leaf.kind) and MATCH.fullmatch(leaf.match))
    })


def creds_of(caller):
    return context.RequestContext(overwrite=False, **caller).to_policy_values()


def letter(ask):
    try:
        return "y" if ask() else "n"
    except oslo.InvalidScope:
        return "s"
    except Exception:
        return "e"


def bare_enforcer():
    made = oslo.Enforcer(CONF, use_conf=False)
    made.set_rules(oslo.Rules.from_dict(NAMED))
    return made


def record_check(enforcer, source):
    check, good = understood(source)
    outcomes = ""
    for caller in CALLERS:
        creds = creds_of(caller)
        target = {**dict(creds), **TARGET}
        outcomes += letter(lambda: enforcer.enforce(check, target, creds))
    return {"check": source, "understood": good, "odd": odd(check), "outcomes": outcomes}


def expression(dice, depth):
    roll = dice.random()
    if depth == 0 or roll < 0.3:
        return dice.choice(LEAVES)
    if roll < 0.45:
        return "not " + expression(dice, depth - 1)
    if roll < 0.6:
        return f"({expression(dice, depth - 1)})"
    word = dice.choice([" and ", " or ", " AND ", " Or "])
    return word.join(expression(dice, depth - 1) for _ in range(dice.randint(2, 3)))


def damaged(dice, text):
    at = dice.randrange(len(text))
    return dice.choice([text[:at] + text[at + 1:], text[:at] + dice.choice(" ():'%!@") + text[at:]])


def generated():
    dice = random.Random(20260801)
    whole = [expression(dice, 4) for _ in range(300)]
    short = [text for text in whole if len(text) < 400]
    return short + [damaged(dice, text) for text in short if len(text) < 120]


def record_file(rules, new_defaults):
    CONF.set_override("enforce_new_defaults", new_defaults, "oslo_policy")
    made = oslo.Enforcer(CONF, policy_file="/nonexistent/policy.yaml", overwrite=False)
    made.suppress_deprecation_warnings = True
    made.register_defaults(policy.list_policies())
    made._record_file_rules(json.dumps(rules))
    made.set_rules(oslo.Rules.from_dict(rules), use_conf=True)
    made.load_rules()
    outcomes = {}
    for rule in ASKED:
        outcomes[rule] = ""
        for caller in CALLERS:
            creds = creds_of(caller)
            target = {**dict(creds), **TARGET}
            outcomes[rule] += letter(lambda: made.enforce(rule, target, creds, do_raise=False))
    return {"rules": rules, "newDefaults": new_defaults, "outcomes": outcomes}


def main():
    logging.disable(logging.CRITICAL)
    CONF([], project="ironic")
    opts.set_defaults(CONF)
    enforcer = bare_enforcer()
    checks = [*CURATED, *LISTS, *generated()]
    recorded = {
        "oslo.policy": importlib.metadata.version("oslo.policy"),
        "callers": CALLERS,
        "target": TARGET,
        "named": NAMED,
        "checks": [record_check(enforcer, source) for source in checks],
        "files": [record_file(rules, mode) for rules in FILES for mode in (True, False)],
    }
    # One line for each of them.
    for name in ("checks", "files"):
        recorded[name] = [json.dumps(one) for one in recorded[name]]
    text = json.dumps(recorded, indent=1)
    sys.stdout.write(text + "\n")


main()

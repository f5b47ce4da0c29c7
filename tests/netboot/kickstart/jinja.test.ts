import { describe, expect, it } from 'vitest'
import { renderTemplate, UndefinedVariable } from '../../../src/netboot/kickstart/jinja.js'

const ks_options = {
  agent_token: 'T',
  liveimg_url: 'http://x/a?b=1&c=<2>',
  is_source_a_path: 'true',
}
const render = (text: string, strict = false) => renderTemplate(text, { ks_options }, { strict })

describe('a kickstart template', () => {
  /** The right side is what Jinja2 3.1 renders of the left. */
  it.each([
    ['a variable, not escaped', '{{ ks_options.liveimg_url }}', 'http://x/a?b=1&c=<2>'],
    ['an option that is there', "{% if 'is_source_a_path' in ks_options %}y{% endif %}", 'y'],
    ['an option that is not', "{% if 'insecure' in ks_options %}y{% else %}n{% endif %}", 'n'],
    ['white space under control', 'a\n  {%- if true -%}\n  b\n  {%- endif %}\nc', 'ab\nc'],
    ['white space as it is', 'a\n{% if true %}\nb\n{% endif %}\nc\n', 'a\n\nb\n\nc'],
    ['a comment', 'a{# of nothing #}b', 'ab'],
    ['what is raw', '{% raw %}${#name} {{ x }}{% endraw %}', '${#name} {{ x }}'],
    ['what is raw, trimmed', 'a {%- raw -%} {{ x }} {%- endraw -%} b', 'a{{ x }}b'],
    ['a variable of its own', "{% set a = 'b' %}{{ a | upper }}", 'B'],
    ['a loop', '{% for i in range(2, 5) %}{{ i }},{% endfor %}', '2,3,4,'],
    ['a default', "{{ ks_options.more | default('d') }}", 'd'],
    ['a macro', '{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(1) }}', '<1>'],
    ['nothing for what is absent', '{{ ks_options.more }}|{{ other }}', '|'],
  ])('renders %s', (_, text, expected) => {
    expect(render(text)).toBe(expected)
  })

  it.each([
    ['an option', '{{ ks_options.more }}', 'ks_options.more is undefined'],
    ['a variable in a branch', '{% if true %}{{ other }}{% endif %}', 'other is undefined'],
  ])('fails on %s that is undefined when it is checked', (_, text, expected) => {
    const error = new UndefinedVariable(expected.replace(' is undefined', ''))
    expect(() => render(text, true)).toThrow(error)
  })

  it('may use an undefined variable', () => {
    expect(render('{% if ks_options.more is defined %}y{% endif %}n', true)).toBe('n')
  })

  it.each([
    ['include a file', "{% include '/etc/passwd' %}"],
    ['import a module', "{% import 'os' as os %}"],
    ['leave a tag open', '{% if true %}'],
    ['use an undefined filter', "{{ 'a' | nothing }}"],
    [
      'loop without an end',
      '{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}',
    ],
    ['count through a range without an end', '{% for i in range(1000000000) %}{% endfor %}'],
    ['call a macro from itself', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
  ])('cannot %s', (_, text) => {
    expect(() => render(text)).toThrow('The kickstart template cannot be rendered: ')
  })

  it('reaches nothing of JavaScript', () => {
    const text = "{{ ''.constructor }}{{ ks_options.constructor }}{{ ks_options.__proto__ }}"
    expect(render(text)).toBe('')
    expect(() => render("{{ ''.constructor.constructor('return process')() }}")).toThrow(
      'cannot be rendered',
    )
  })
})

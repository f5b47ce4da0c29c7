import { describe, expect, it } from 'vitest'
import { leaksIn } from './leaks.js'

describe('the scanner of logs', () => {
  it.each([
    '{"driver_info":{"ipmi_password":"calvin"}}',
    '{"msg":"sent {\\"agent_token\\":\\"abc\\"}"}',
    '{"msg":"GET /v1/x?agent_token=abc&y=1"}',
    '{"headers":{"authorization":"Basic YWxpY2U6eA=="}}',
    `{"token":"x"} gAAAA${'b'.repeat(60)}`,
    '{"msg":"postgres://ferric:hunter2@db/ferric refused"}',
    '{"msg":"-----BEGIN RSA PRIVATE KEY-----"}',
    '{"rescue_password":"x1"}',
  ])('finds the secret in %s', (line) => {
    expect(leaksIn(`{"msg":"fine"}\n${line}`)).toHaveLength(1)
  })

  it.each([
    '{"driver_info":{"ipmi_password":"******"}}',
    '{"msg":"Incorrect username or password"}',
    '{"msg":"Agent token is required for heartbeat processing"}',
    '{"msg":"redis://127.0.0.1:6379/0 is gone"}',
    '{"agent_token":null}',
  ])('passes %s', (line) => {
    expect(leaksIn(line)).toEqual([])
  })
})

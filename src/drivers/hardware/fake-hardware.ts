import { genericSupported, hardwareType } from './declare.js'

/** The machine that is not there; takes any enabled implementation (`drivers/fake_hardware.py`). */
export const fakeHardware = hardwareType({
  name: 'fake-hardware',
  className: 'FakeHardware',
  acceptsAny: true,
  supported: {
    bios: ['fake', 'no-bios'],
    boot: ['fake', ...genericSupported.boot],
    console: ['fake', ...genericSupported.console],
    deploy: ['fake', ...genericSupported.deploy],
    firmware: ['fake', 'no-firmware'],
    inspect: ['fake', ...genericSupported.inspect],
    management: ['fake'],
    power: ['fake'],
    raid: ['fake', ...genericSupported.raid],
    rescue: ['fake', ...genericSupported.rescue],
    storage: ['fake', ...genericSupported.storage],
    vendor: ['fake', 'no-vendor'],
  },
})

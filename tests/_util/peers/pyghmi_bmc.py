"""A BMC by pyghmi: `pyghmi_bmc.py PORT`. Prints what it is told, a line each."""
import sys

from pyghmi.ipmi import bmc


class Machine(bmc.Bmc):
    power = "off"
    boot = "default"

    def told(self, what):
        print(what, flush=True)

    def get_power_state(self):
        return self.power

    def power_on(self):
        self.power = "on"
        self.told("power on")

    def power_off(self):
        self.power = "off"
        self.told("power off")

    def power_shutdown(self):
        self.power = "off"
        self.told("shutdown")

    def power_reset(self):
        self.told("reset")

    def get_boot_device(self):
        return self.boot

    def set_boot_device(self, device):
        self.boot = device
        self.told("boot " + device)


machine = Machine({"admin": "secret"}, port=int(sys.argv[1]), address="127.0.0.1")
machine.told("ready")
machine.listen()

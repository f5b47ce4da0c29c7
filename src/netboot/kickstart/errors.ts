import { Invalid } from '../../errors.js'

/** A template that cannot become a kickstart file (`ironic/common/exception.py`). */
export class InvalidKickstartTemplate extends Invalid {
  override readonly name = 'InvalidKickstartTemplate'
}

/** A kickstart file that the installer would refuse. */
export class InvalidKickstartFile extends Invalid {
  override readonly name = 'InvalidKickstartFile'
}

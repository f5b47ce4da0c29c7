/** Formats a disk image can have, under the names Glance and `qemu-img` use. */
export type ImageFormat =
  'raw' | 'qcow2' | 'vhd' | 'vhdx' | 'vmdk' | 'vdi' | 'qed' | 'iso' | 'gpt' | 'luks'

/** Random access to the bytes of an image. */
export interface ByteReader {
  readonly size: number
  /** Fewer bytes only at the end of the image. */
  read(offset: number, length: number): Promise<Buffer>
}

/** One format that the bytes look like. */
export interface Finding {
  readonly format: ImageFormat
  /** Of the disk inside, null when the header does not tell. */
  readonly virtualSize: number | null
  /** Why it must not be used; empty when nothing is wrong with it. */
  readonly violations: readonly string[]
}

/** Looks for one format. `head`: the first 64 KiB. Null: it is not that. */
export type Detector = (head: Buffer, image: ByteReader) => Promise<Finding | null>

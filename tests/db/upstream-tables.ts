/**
 * Ironic's tables and columns, from the models of upstream's database (`docs/reference/objects.md`). Every table has
 * `created_at`, `updated_at` and `version` as well.
 */
export const upstreamTables: Readonly<Record<string, string>> = {
  nodes:
    'id:int uuid:string36 instance_uuid:string36 instance_name:string255 name:string255 ' +
    'chassis_id:int power_state:string15 target_power_state:string15 provision_state:string15 ' +
    'target_provision_state:string15 provision_updated_at:datetime last_error:text ' +
    'instance_info:json properties:json driver:string255 driver_info:json ' +
    'driver_internal_info:json clean_step:json deploy_step:json resource_class:string80 ' +
    'raid_config:json target_raid_config:json reservation:string255 conductor_affinity:int ' +
    'conductor_group:string255 maintenance:bool maintenance_reason:text fault:string255 ' +
    'console_enabled:bool inspection_finished_at:datetime inspection_started_at:datetime ' +
    'extra:json automated_clean:bool protected:bool protected_reason:text owner:string255 ' +
    'lessee:string255 allocation_id:int description:text bios_interface:string255 ' +
    'boot_interface:string255 console_interface:string255 deploy_interface:string255 ' +
    'firmware_interface:string255 inspect_interface:string255 management_interface:string255 ' +
    'network_interface:string255 raid_interface:string255 rescue_interface:string255 ' +
    'retired:bool retired_reason:text network_data:json storage_interface:string255 ' +
    'power_interface:string255 vendor_interface:string255 boot_mode:string16 secure_boot:bool ' +
    'shard:string255 parent_node:string36 service_step:json disable_power_off:bool ' +
    'health:string32',
  node_tags: 'node_id:int tag:string255',
  node_traits: 'node_id:int trait:string255',
  ports:
    'id:int uuid:string36 address:string18 node_id:int extra:json local_link_connection:json ' +
    'portgroup_id:int pxe_enabled:bool internal_info:json physical_network:string64 ' +
    'is_smartnic:bool name:string255 description:string255 vendor:string32 category:string80 ' +
    'available_for_dynamic_portgroup:bool',
  portgroups:
    'id:int uuid:string36 name:string255 node_id:int address:string18 extra:json ' +
    'internal_info:json standalone_ports_supported:bool mode:string255 properties:json ' +
    'physical_network:string64 category:string80 dynamic_portgroup:bool',
  chassis: 'id:int uuid:string36 extra:json description:string255',
  conductors: 'id:int hostname:string255 drivers:json online:bool conductor_group:string255',
  conductor_hardware_interfaces:
    'id:int conductor_id:int hardware_type:string255 interface_type:string16 ' +
    'interface_name:string255 default:bool',
  volume_connectors:
    'id:int uuid:string36 node_id:int type:string32 connector_id:string255 extra:json',
  volume_targets:
    'id:int uuid:string36 node_id:int volume_type:string64 properties:json boot_index:int ' +
    'volume_id:string36 extra:json',
  bios_settings:
    'node_id:int name:string255 value:text attribute_type:string255 allowable_values:json ' +
    'lower_bound:bigint max_length:int min_length:int read_only:bool reset_required:bool ' +
    'unique:bool upper_bound:bigint',
  firmware_information:
    'id:int node_id:int component:string255 initial_version:string255 current_version:string255 ' +
    'last_version_flashed:string255 vendor:string255 model:string255 serial_number:string255',
  allocations:
    'id:int uuid:string36 name:string255 node_id:int state:string15 owner:string255 ' +
    'last_error:text resource_class:string80 traits:json candidate_nodes:json extra:json ' +
    'conductor_affinity:int',
  deploy_templates: 'id:int uuid:string36 name:string255 extra:json',
  deploy_template_steps:
    'id:int deploy_template_id:int interface:string255 step:string255 args:json priority:int',
  runbooks:
    'id:int uuid:string36 name:string255 description:string255 public:bool owner:string255 ' +
    'disable_ramdisk:bool extra:json',
  runbook_steps: 'id:int runbook_id:int interface:string255 step:string255 args:json order:int',
  runbook_traits: 'runbook_id:int trait:string255',
  node_history:
    'id:int uuid:string36 conductor:string255 event_type:string255 severity:string255 ' +
    'event:text user:string64 project:string80 node_id:int state:string255 ' +
    'target_provision_state:string255 duration_seconds:int',
  node_inventory: 'id:int inventory_data:json plugin_data:json node_id:int',
  inspection_rules:
    'id:int uuid:string36 priority:int description:string255 scope:string255 sensitive:bool ' +
    'phase:string16 conditions:json actions:json',
}

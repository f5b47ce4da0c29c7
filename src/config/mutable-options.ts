/**
 * The options that take effect without a restart, from the options Ironic declares with
 * `mutable=True` (`ironic/conf/*.py`) as far as Ferric has them; `debug` is oslo.log's.
 * `default_log_levels` is mutable here only.
 */
export const mutableOptions: Readonly<Record<string, string>> = {
  DEFAULT:
    'debug default_log_levels default_resource_class default_conductor_group force_raw_images ' +
    'default_portgroup_mode drain_shutdown_timeout webserver_verify_ca',
  api:
    'max_limit public_endpoint enable_ramdisk_endpoints restrict_lookup ' +
    'ramdisk_heartbeat_timeout project_admin_can_manage_own_nodes ' +
    'disallowed_enrollment_boot_modes max_json_body_depth max_json_body_size ' +
    'max_json_body_size_provision max_json_body_size_inspection disallow_deploy_steps ' +
    'disallow_service_steps disallow_clean_steps',
  conductor:
    'heartbeat_timeout force_power_state_during_sync automated_clean ' +
    'automated_cleaning_step_source automated_cleaning_runbook ' +
    'automated_cleaning_runbook_by_resource_class automated_cleaning_runbook_from_node ' +
    'automated_cleaning_runbook_validate_traits allow_provisioning_in_maintenance ' +
    'soft_power_off_timeout power_state_change_timeout allow_deleting_available_nodes ' +
    'deploy_kernel deploy_ramdisk deploy_kernel_by_arch deploy_ramdisk_by_arch rescue_kernel ' +
    'rescue_ramdisk rescue_kernel_by_arch rescue_ramdisk_by_arch ' +
    'rescue_password_hash_algorithm require_rescue_password_hashed bootloader ' +
    'verify_step_priority_override node_history node_history_max_entries ' +
    'node_history_minimum_days conductor_cleanup_timeout conductor_cleanup_batch_size ' +
    'automatic_lessee automatic_lessee_source max_concurrent_deploy max_concurrent_clean ' +
    'max_concurrent_per_conductor_group permit_child_node_step_async_result ' +
    'max_conductor_wait_step_seconds disallowed_deployment_boot_modes permitted_image_formats ' +
    'error_on_ramdisk_config_inconsistency enable_health_monitoring',
  deploy:
    'image_server_auth_strategy image_server_user image_server_password ' +
    'image_server_auth_hosts image_server_auth_permit_unknown_hosts ' +
    'enable_ata_secure_erase enable_nvme_secure_erase erase_devices_priority ' +
    'erase_devices_metadata_priority delete_configuration_priority ' +
    'create_configuration_priority shred_random_overwrite_iterations ' +
    'shred_final_overwrite_with_zeros continue_if_disk_secure_erase_fails ' +
    'disk_erasure_concurrency power_off_after_deploy_failure default_boot_mode fast_track ' +
    'fast_track_timeout erase_skip_read_only configdrive_use_object_store',
  agent:
    'memory_consumed_by_agent stream_raw_images deploy_logs_collect ' +
    'deploy_logs_storage_backend deploy_logs_local_path image_download_source command_timeout ' +
    'require_tls',
  anaconda: 'default_ks_template insecure_heartbeat',
  pxe: 'kernel_append_params default_ephemeral_format enable_netboot_fallback',
  glance: 'num_retries',
  neutron:
    'port_setup_delay retries cleaning_network provisioning_network rescuing_network ' +
    'inspection_network servicing_network cleaning_network_security_groups ' +
    'provisioning_network_security_groups rescuing_network_security_groups ' +
    'inspection_network_security_groups servicing_network_security_groups request_timeout ' +
    'add_all_ports dhcpv6_stateful_address_count',
  auto_discovery: 'enabled driver',
  inspection_rules: 'built_in_rules',
}

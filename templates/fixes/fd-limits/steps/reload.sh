# A daemon-reload makes PID 1 read system.conf.d again; services that run already keep their limits until they restart.
if [ "$(systemctl show --property DefaultLimitNOFILE --value)" != "$(sed -n 's/^DefaultLimitNOFILE=//p' /etc/systemd/system.conf.d/50-vast-limits.conf)" ]; then
    systemctl daemon-reload
    changed "read /etc/systemd/system.conf.d again"
fi

# A daemon-reload makes PID 1 read system.conf.d again; services that run already keep their limits until they restart.
wanted=$(sed -n 's/^DefaultLimitNOFILE=//p' /etc/systemd/system.conf.d/50-vast-limits.conf)
if [ "$(systemctl show --property DefaultLimitNOFILE --value)" != "$wanted" ]; then
    systemctl daemon-reload
    changed "read /etc/systemd/system.conf.d again"
fi

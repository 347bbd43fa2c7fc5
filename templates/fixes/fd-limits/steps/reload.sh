# A daemon-reload makes PID 1 read system.conf.d again; services that run already keep their limits until they restart.
wanted=$(sed -n 's/^DefaultLimitNOFILE=//p' /etc/systemd/system.conf.d/50-vast-limits.conf)
if [ "$(systemctl show --property DefaultLimitNOFILE --value)" != "$wanted" ]; then
    systemctl daemon-reload
    # What no file sets for a login comes from sshd. Open sessions stay; a configuration that would not start is left be.
    if systemctl is-active --quiet sshd.service && /usr/sbin/sshd -t 2>/dev/null; then
        systemctl restart sshd.service
    fi
    changed "read /etc/systemd/system.conf.d again"
fi

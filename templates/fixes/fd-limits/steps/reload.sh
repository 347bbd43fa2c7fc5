# A daemon-reload makes PID 1 read system.conf.d again; services that run already keep their limits until they restart.
wanted=$(sed -n 's/^DefaultLimitNOFILE=//p' /etc/systemd/system.conf.d/50-vast-limits.conf)
if [ "$(systemctl show --property DefaultLimitNOFILE --value)" != "$wanted" ]; then
    systemctl daemon-reload
    changed "read /etc/systemd/system.conf.d again"
fi
# What no file sets for a login comes from sshd. Open sessions stay; a configuration that would not start is left be.
sshd=$(systemctl show --property MainPID --value sshd.service)
if [ "${sshd:-0}" -gt 0 ]; then
    next=$(systemctl show --property LimitNOFILESoft --value sshd.service)
    now=$(sed -n 's/^Max open files  *\([0-9]*\) .*/\1/p' "/proc/$sshd/limits")
    if [ "$now" != "$next" ] && /usr/sbin/sshd -t 2>/dev/null; then
        systemctl restart sshd.service
        changed "sshd restarted with $next open files instead of $now"
    fi
fi

# A login's PATH has /usr/local/bin before /usr/bin, where a package would put the real one.
if ! link /usr/sbin/ipmitool /usr/local/bin/ipmitool; then
    echo "/usr/local/bin/ipmitool is there already and is not ours: a login finds it instead; move it away" >&2
    exit 1
fi
# Only for whoever looks for it by the document's path; a package's own may have that name.
link /usr/sbin/ipmitool /usr/bin/ipmitool || true

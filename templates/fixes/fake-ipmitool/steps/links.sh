# A login's PATH has /usr/local/bin before /usr/bin, where a package would put the real one.
link /usr/sbin/ipmitool /usr/local/bin/ipmitool
# Only for whoever looks for it by the document's path; a package's own may have that name.
link /usr/sbin/ipmitool /usr/bin/ipmitool || true

# A login's PATH has /usr/local/bin before /usr/bin, where a package would put the real one.
for link in /usr/local/bin/ipmitool /usr/bin/ipmitool; do
    if [ "$(readlink "$link" 2>/dev/null)" = /usr/sbin/ipmitool ]; then
        continue
    fi
    if [ ! -e "$link" ] && [ ! -L "$link" ]; then
        ln -s /usr/sbin/ipmitool "$link"
        label "$link"
        changed "linked $link"
    elif [ "$link" = /usr/local/bin/ipmitool ]; then
        echo "$link is there already and is not ours: a login finds it instead of the fake; move it away" >&2
        exit 1
    fi
done
